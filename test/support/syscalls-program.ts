// A program that serves connections to itself, guarded or not: each is written to so many times and ended gracefully.
import net from 'node:net'
import { guard } from '#adapter/index'
import { emitted, portOf } from './pair.js'

const [how, connections, writes] = process.argv.slice(2)
const written = (socket: net.Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write('x', (error) => (error ? reject(error) : resolve()))
  })

const server = net.createServer(async (socket) => {
  if (how === 'guarded') guard(socket)
  socket.resume()
  // One after the other, so that each is a system call of its own.
  for (let count = 0; count < Number(writes); count += 1) await written(socket)
  socket.end()
})
server.listen(0, '127.0.0.1')
await emitted(server, 'listening')
for (let count = 0; count < Number(connections); count += 1) {
  const client = net.connect(portOf(server), '127.0.0.1').resume()
  await emitted(client, 'close')
}
server.close()
