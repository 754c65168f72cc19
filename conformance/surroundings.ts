// Tells what is the machine's fault from what is the testee's: no loopback, no port, no descriptor, no process.
import net from 'node:net'
import { EnvironmentError } from './result.js'

const listen = (): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', ({ message }) =>
      reject(new EnvironmentError(`nobody can listen on 127.0.0.1 here: ${message}`)),
    )
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

const connect = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    const settle = (why?: string): void => {
      clearTimeout(timer)
      socket.destroy()
      if (why === undefined) resolve()
      else reject(new EnvironmentError(`nobody can connect to 127.0.0.1 here: ${why}`))
    }
    const timer = setTimeout(() => settle('no answer within 5 s'), 5000)
    socket.once('connect', () => settle())
    socket.once('error', ({ message }) => settle(message))
  })

/** Makes sure that this machine lets us listen on loopback and connect to it. Rejects with {@link EnvironmentError}. */
export const checkLoopback = async (): Promise<void> => {
  const server = await listen()
  server.on('connection', (socket) => socket.on('error', () => undefined).destroy())
  try {
    await connect((server.address() as net.AddressInfo).port)
  } finally {
    server.close()
  }
}
