// A server of uploads that refuses one which is too large at once, and whose refusal is always read.
//
// Closed with bytes of the upload unread, the kernel would reset, and the reset may overtake the 413. A guarded server
// sends its FIN behind the 413 and drains what still comes, within bounds.
import http from 'node:http'
import { guardServer } from 'finrst'
import { readArguments, wholeArgument } from './arguments.ts'

const usage = `usage: node examples/upload-server.ts [port] [most bytes]

Takes uploads of at most so many bytes and answers how many they were, or 413 at once.
port        any that is free by default
most bytes  1000000 by default

  curl -sS -T README.md http://localhost:<port>/`

const [portText, mostText] = readArguments(usage, ['0', '1000000'])
const port = wholeArgument('port', portText)
const most = wholeArgument('most bytes', mostText, Number.MAX_SAFE_INTEGER)

const server = http.createServer((request, response) => {
  let bytes = 0
  const refuse = (): void => {
    request.off('data', count).off('end', accept).pause()
    response.writeHead(413, { connection: 'close' }).end(`at most ${most} bytes\n`)
  }
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > most) refuse()
  }
  const accept = (): void => void response.end(`${bytes} bytes\n`)
  if (Number(request.headers['content-length'] ?? 0) > most) return refuse()
  request.on('data', count).on('end', accept)
})

guardServer(server).on('verdict', ({ ended, cause, delivery, received }) =>
  console.log(`${ended}: ${cause}, ${delivery}; the upload was ${received}`),
)

server.listen(port, 'localhost', () => {
  console.log(`listening on port ${(server.address() as { port: number }).port}`)
})
