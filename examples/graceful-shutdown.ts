// A server of HTTP that ends well: SIGTERM lets answers finish, a second signal resets, no failure is half an answer.
//
//   npm run build && node examples/graceful-shutdown.ts     (Node 22.18 or newer; Deno runs it as it is)
//   curl http://127.0.0.1:8007/slow & kill -TERM <its pid>   the answer comes whole, and says Connection: close
//   curl http://127.0.0.1:8007/breaks                        curl fails, instead of taking the half for the whole
import http from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { closeOnSignals, guardServer } from 'finrst'

const server = http.createServer(async ({ url }, response) => {
  response.write('the first half, ')
  if (url === '/slow') await wait(3_000)
  if (url === '/breaks') response.destroy(new Error('the disk is gone'))
  response.end('the second half\n')
})

const guards = guardServer(server)
guards.on('verdict', ({ ended, cause, delivery }) =>
  console.log(`a connection ended by ${ended}: ${cause}, ${delivery}`),
)

const port = Number(process.env.PORT ?? 8007)
server.listen(port, '127.0.0.1', () => console.log(`process ${process.pid} listens at http://127.0.0.1:${port}`))

const [summary] = await closeOnSignals(guards, { within: 10_000 })
console.log(summary)
