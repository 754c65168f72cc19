// A line protocol whose server ends the talk and still knows what its client sent too late, instead of losing it.
//
// 1. Each line is answered in capitals, `quit` by `bye`. A client that finishes without it is answered as well.
// 2. A line without an end, or one that is too long, is a failure: a reset.
// 3. After `bye` goes our FIN, and what the client had sent by then is drained and handed back by finalise(): closed
//    with bytes unread the kernel would reset, and the reset may overtake `bye`.
import net from 'node:net'
import { type Guard, run } from 'finrst'
import { readArguments, wholeArgument } from './arguments.ts'

const usage = `usage: node examples/line-protocol.ts [port]

Answers each line in capitals, and \`quit\` by \`bye\`; then tells what came behind it.
port  any that is free by default

  printf 'one\\ntwo\\nquit\\nthree\\n' | nc -N localhost <port>`

const [portText] = readArguments(usage, ['0'])
const port = wholeArgument('port', portText)
const longest = 1_000
const late = 65_536

/** Answers until `quit` or the client's end; returns what was read behind `quit`. */
async function answer(socket: net.Socket): Promise<string> {
  let pending = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    const lines = (pending + String(chunk)).split('\n')
    pending = lines.pop() ?? ''
    for (const [at, line] of lines.entries()) {
      if (line === 'quit') {
        socket.write('bye\n')
        return [...lines.slice(at + 1), pending].join('\n')
      }
      socket.write(`${line.toUpperCase()}\n`)
    }
    if (pending.length > longest) throw new Error(`a line is longer than ${longest}`)
  }
  if (pending !== '') throw new Error('the last line has no end')
  return ''
}

/** One talk; what it throws is a reset, because run() says so. */
async function talk(socket: net.Socket, guard: Guard): Promise<void> {
  const behind = await answer(socket.setEncoding('latin1'))
  const { rest, verdict } = await guard.finalise({ within: 30_000, limit: late })
  const whole = verdict.received === 'complete' ? 'all' : 'some'
  const text = behind + Buffer.from(rest).toString('latin1')
  console.log(`${verdict.ended}, ${verdict.delivery}; too late, ${whole} of it: ${JSON.stringify(text)}`)
}

// Half-open, because a client that has sent its last line still reads.
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined)
  run(socket, (guard) => talk(socket, guard)).catch(({ message }: Error) => console.log(`reset: ${message}`))
})

server.listen(port, 'localhost', () => {
  console.log(`listening on port ${(server.address() as net.AddressInfo).port}`)
})
