// A server of HTTP whose answers take a while, to be ended by what people use for it. Its argument says by what.
import http from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import { guardServer } from '#adapter/index'
import { obey, say } from '../../test/support/channel.js'

interface Argument {
  way: string
  withinMs: number
  parts: number
  packages: string
}

const { way, withinMs, parts, packages } = JSON.parse(process.argv[2] ?? '{}') as Argument
const need = createRequire(`${packages}/from.js`)
const part = Buffer.alloc(4096, 'x')

const server = http.createServer((request, response) => {
  let left = parts
  const more = (): void => {
    if (response.destroyed) return
    // One that is stuck has said a part and never says the rest.
    if (left === parts - 1 && request.url === '/stuck') return
    if (left-- === 0) return void response.end()
    response.write(part)
    setTimeout(more, 100)
  }
  more()
})
const sockets = new Set<Socket>()
const track = (): void => {
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

/** Prepares a way of ending and gives what begins it. */
const ways: Record<string, () => () => unknown> = {
  finrst: () => {
    const guards = guardServer(server)
    return () => guards.close({ within: withinMs })
  },
  'server.close()': () => () => server.close(),
  closeAllConnections: () => () => {
    server.close()
    setTimeout(() => server.closeAllConnections(), withinMs)
  },
  resetAndDestroy: () => {
    track()
    return () => {
      server.close()
      setTimeout(() => sockets.forEach((socket) => void socket.resetAndDestroy()), withinMs)
    }
  },
  'http-terminator': () => {
    const { createHttpTerminator } = need('http-terminator')
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: withinMs })
    return () => terminator.terminate()
  },
  stoppable: () => {
    const stopping = need('stoppable')(server, withinMs)
    return () => stopping.stop()
  },
  'http-graceful-shutdown': () => {
    const shut = need('http-graceful-shutdown')
    return shut(server, { signals: '', timeout: withinMs, forceExit: false })
  },
  '@godaddy/terminus': () => {
    const { createTerminus } = need('@godaddy/terminus')
    createTerminus(server, { signals: ['SIGTERM'], timeout: withinMs })
    return () => process.kill(process.pid, 'SIGTERM')
  },
}

const begin = ways[way]?.()
if (begin === undefined) throw new Error(`there is no way ${way}; expected one of ${Object.keys(ways).join(', ')}`)
obey(() => void begin())
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  say({ port: (server.address() as AddressInfo).port }),
)
