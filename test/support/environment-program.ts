// A program that guards one connection of its own and fails it: it tells which way to the system calls it has found.
import net from 'node:net'
import { guard } from '#adapter/index'

const server = net.createServer((socket) => {
  server.close()
  socket.on('error', () => undefined)
  const held = guard(socket)
  void held.fail(new Error(process.argv[2] ?? 'failed')).then(({ ended }) => {
    console.log(JSON.stringify({ backend: held.capabilities.backend, ended }))
  })
})
server.listen(0, '127.0.0.1', () => {
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined).resume()
})
