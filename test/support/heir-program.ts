// A child that is sent sockets: it ends each with what it is told to write.
import type net from 'node:net'

process.on('message', (text: string, socket: net.Socket | undefined) => {
  if (socket === undefined) return process.disconnect?.()
  socket.on('error', () => undefined)
  socket.end(text)
})
process.send?.('ready')
