// Peers that never finish closing: they ask once, read the answer, and keep their side open until they are told to end.
import net from 'node:net'
import { hear, say } from './channel.js'

interface Plan {
  port: number
  count: number
}

hear(process.stdin, (message) => {
  const { port, count } = message as Plan
  let answered = 0
  for (let number = 0; number < count; number += 1) {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    socket.resume()
    socket.on('error', () => undefined)
    socket.once('end', () => {
      answered += 1
      if (answered === count) say({ answered })
    })
  }
})
process.stdin.on('end', () => process.exit())
