// A server of HTTP and WebSocket that ends well: SIGTERM lets answers finish and says goodbye to each WebSocket.
//
// A second signal resets at once, and no failure is half an answer.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { closeOnSignals, guardServer } from 'finrst'
import { WebSocketServer } from 'ws'
import { readArguments, wholeArgument } from './arguments.ts'

const usage = `usage: node examples/graceful-shutdown.ts [port]

port  any that is free by default

  curl http://localhost:<port>/slow     takes 3 seconds; SIGTERM meanwhile, and the answer still comes whole
  curl http://localhost:<port>/breaks   breaks off: curl fails, instead of taking the half for the whole
  ws://localhost:<port>/                sends back what it is sent; SIGTERM closes it with 1001, going away`

const [portText] = readArguments(usage, ['0'])
const port = wholeArgument('port', portText)

const server = http.createServer(async ({ url }, response) => {
  response.write('the first half, ')
  if (url === '/slow') await wait(3_000)
  if (url === '/breaks') return response.destroy(new Error('the disk is gone'))
  response.end('the second half\n')
})
const sockets = new WebSocketServer({ server })
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

const guards = guardServer(server)
guards.on('verdict', ({ ended, cause, delivery }) =>
  console.log(`a connection ended by ${ended}: ${cause}, ${delivery}`),
)
// A WebSocket never ends by itself; its own closing handshake is what tells the client that this is the end.
guards.on('closing', () => {
  for (const socket of sockets.clients) socket.close(1001, 'going away')
})

server.listen(port, 'localhost', () => {
  console.log(`process ${process.pid} is listening on port ${(server.address() as AddressInfo).port}`)
})

const [summary] = await closeOnSignals(guards, { within: 10_000 })
console.log('ended:', summary?.ended)
