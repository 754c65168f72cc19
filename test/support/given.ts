// What a reader of README.md has already, by the name in the comment before a block, and what is printed then.

/** Code before and behind a block, and what all of it prints. */
export interface Given {
  before?: string
  after?: string
  prints?: string
}

/** Connects to port 7007, prints what comes and how it ends, and ends the process. */
const client = (host: string): string => `
import { connect } from 'node:net'
const ask = () => {
  let text = ''
  const socket = connect(7007, '${host}', () => socket.write('hello'))
  socket.on('data', (chunk) => { text += chunk })
  socket.on('error', ({ code }) => code === 'ECONNREFUSED' ? setTimeout(ask, 50) : done(text, code))
  socket.on('end', () => done(text, 'end of file'))
}
const done = (text, how) => { console.log(\`\${text}; \${how}\`); process.exit(0) }
ask()
`

/** Two ends of a connection: \`socket\` is ours, and the peer does as it is told. */
const pair = (peer: string): string => `
import { createServer, connect } from 'node:net'
const listener = createServer({ allowHalfOpen: true }, (peer) => { ${peer} })
await new Promise((done) => listener.listen(0, done))
const open = () => new Promise((done) => { const it = connect(listener.address().port, () => done(it)) })
`

/** A server of HTTP that is there to be asked. */
const asked = `
import { createServer } from 'node:http'
const server = createServer((request, response) => request.resume().on('end', () => response.end('answer')))
await new Promise((done) => server.listen(0, done))
const url = \`http://localhost:\${server.address().port}/\`
`

/** Asks a server of HTTP at port 8000 once, and ends the process. */
const fetched = `
const again = async () => {
  const answer = await fetch('http://localhost:7008/').catch(() => undefined)
  if (answer === undefined) return setTimeout(again, 50)
  console.log(await answer.text())
}
const body = 'an answer'
const log = (...words) => { console.log(words[0]); setTimeout(() => process.exit(0)) }
`

export const givens: Readonly<Record<string, Given>> = {
  'a client': { before: client('localhost'), prints: 'the first half, the second half; end of file' },
  'a socket': {
    before: `${pair("peer.resume().on('end', () => peer.end())")}const socket = await open()\n`,
    after: `
console.log(verdict, verdict.rule === 'peer-fin-ends')
process.exit(0)`,
    prints: `{
  ended: 'fin',
  by: 'us',
  cause: 'close',
  delivery: 'confirmed',
  received: 'complete',
  certainty: 'measured',
  rule: 'peer-fin-ends',
  unsent: 0
} true`,
  },
  'a function that answers': {
    before: `${pair(`
  let text = ''
  peer.on('data', (chunk) => { text += chunk }).on('end', () => { console.log(text); process.exit(0) })
`)}
const socket = await open()
const answer = async () => { socket.write('all of it') }
`,
    prints: 'all of it',
  },
  'a program': { before: `printf 'console.log("it runs")' > app.js`, prints: 'it runs' },
  'an app': {
    before: `
import { get } from 'node:http'
const app = (_, response) => response.end('whole')
const log = ({ ended, cause }) => console.log(ended, cause)
setImmediate(() => server.listen(0, () => {
  get({ port: server.address().port }, (response) => {
    response.resume().on('end', () => process.kill(process.pid, 'SIGTERM'))
  })
}))
`,
    prints: 'fin close',
  },
  'an ending': {
    before: `${pair("peer.resume().on('end', () => peer.end())")}
import { guard as hold } from 'finrst'
`,
    after: `
const socket = await open()
const held = hold(socket)
await held.close({ confirm: 'peer' })
console.log(counts.snapshot())
process.exit(0)`,
    prints: `[
  {
    ended: 'fin',
    by: 'us',
    cause: 'close',
    delivery: 'confirmed',
    count: 1
  }
]`,
  },
  'a url': {
    before: `${asked}const answered = async (response) => {
  for await (const chunk of response) console.log(String(chunk))
  console.log(await (await fetch(url)).text())
  process.exit(0)
}
`,
    prints: 'answer\nanswer',
  },
  'two sockets': {
    before: `${pair("peer.end('from one'); peer.resume()")}const a = await open()\nconst b = await open()\n`,
    after: 'console.log(client.ended, upstream.ended)\nprocess.exit(0)',
    prints: 'fin fin',
  },
  'a file': { before: `${client('0.0.0.0')}const file = 'all of the file'\n`, prints: 'all of the file; end of file' },
  'an answer': {
    before: `${client('localhost')}const answer = (chunk) => \`you said \${chunk}\`\n`,
    prints: 'you said hello; end of file',
  },
  'a body': { before: `${fetched}setTimeout(again)\n` },
}
