// A TCP proxy that hands on how connections end: a FIN for a FIN, a reset for a reset.
//
//   node examples/proxy.ts 7008 localhost:7007        listens on port 7008 and connects to port 7007
import net from 'node:net'
import { relay } from 'finrst'

const [port = '7008', target = 'localhost:7007'] = process.argv.slice(2)
const [host, targetPort] = target.split(/:(?=\d+$)/)

// Both sides half-open, and nothing is read before there is somebody to give it to.
const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
  const upstream = net.connect({ host, port: Number(targetPort), allowHalfOpen: true })
  client.on('error', () => upstream.resetAndDestroy())
  upstream.on('error', () => client.resetAndDestroy())
  upstream.once('connect', () => {
    relay(client, upstream, { idleMs: 60_000 }).then(
      ([a, b]) => console.log(`client ${a.ended} by ${a.by}, target ${b.ended} by ${b.by}`),
      (error: Error) => console.error(error.message),
    )
  })
})

server.listen(Number(port), 'localhost', () => {
  console.log(`listening on port ${(server.address() as net.AddressInfo).port}`)
})
