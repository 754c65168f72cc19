// A TCP proxy that hands on how connections end: a FIN for a FIN, a reset for a reset.
import net from 'node:net'
import { relay } from 'finrst'
import { readArguments, wholeArgument } from './arguments.ts'

const usage = `usage: node examples/proxy.ts [port] [target]

Listens on a port and relays each connection to a target, and the way it ends.
port    any that is free by default
target  localhost:7007 by default`

const [portText, target] = readArguments(usage, ['0', 'localhost:7007'])
const port = wholeArgument('port', portText)
const [host, targetText = ''] = target.split(/:(?=\d+$)/)
const targetPort = wholeArgument('the port of the target', targetText)

// Both sides half-open, and nothing is read before there is somebody to give it to.
const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
  const upstream = net.connect({ host, port: targetPort, allowHalfOpen: true })
  client.on('error', () => upstream.resetAndDestroy())
  upstream.on('error', () => client.resetAndDestroy())
  upstream.once('connect', () => {
    relay(client, upstream, { idleMs: 60_000 }).then(
      ([a, b]) => console.log(`client ${a.ended} by ${a.by}, target ${b.ended} by ${b.by}`),
      (error: Error) => console.error(error.message),
    )
  })
})

server.listen(port, 'localhost', () => {
  console.log(`listening on port ${(server.address() as net.AddressInfo).port}`)
})
