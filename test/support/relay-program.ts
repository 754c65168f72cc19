// A program that relays between the first two connections that it accepts, until it is killed.
import net from 'node:net'
import { relay } from '#adapter/index'
import { say } from './channel.js'

const sockets: net.Socket[] = []
const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
  sockets.push(socket)
  const [a, b] = sockets
  if (a === undefined || b === undefined) return
  server.close()
  void relay(a, b)
  say({ relays: true })
})
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as net.AddressInfo).port }))
