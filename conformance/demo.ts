// The demonstration: one program dies in the middle of its answer, bare and guarded, and we read what its client reads.
import { type ChildProcess, spawn } from 'node:child_process'
import net from 'node:net'
import pc from 'picocolors'
import { loadAdapter } from './adapter.js'
import { ownFile } from './own-file.js'
import { hiddenError } from './hidden-reset.js'
import { EnvironmentError } from './result.js'

const answerBytes = 300_000
const sentBytes = 100_000
const deadlineMs = 10_000

/** The ways in which the program of the demonstration dies. */
const deaths: Readonly<Record<string, { shown: string; die: () => void }>> = {
  throw: {
    shown: 'throws, and nobody catches',
    die: () => {
      throw new Error('the handler failed')
    },
  },
  reject: { shown: 'rejects, and nobody handles', die: () => void Promise.reject(new Error('the handler failed')) },
  exit: { shown: 'calls process.exit()', die: () => process.exit(1) },
  abort: { shown: 'calls process.abort()', die: () => process.abort() },
  sigterm: { shown: 'is stopped by SIGTERM', die: () => void process.kill(process.pid, 'SIGTERM') },
  sigkill: { shown: 'is killed by SIGKILL', die: () => void process.kill(process.pid, 'SIGKILL') },
}

/** The program itself: it promises an answer, sends a third of it, and dies once its client has that third. */
export const serveDemo = async (death: string, guarded: boolean): Promise<void> => {
  const die = deaths[death]?.die
  if (die === undefined) throw new Error(`no death is named ${death}`)
  const adapter = await loadAdapter()
  const server = net.createServer((socket) => {
    if (guarded) adapter.guard(socket)
    socket.write(`content-length: ${answerBytes}\n\n`)
    socket.write(Buffer.alloc(sentBytes, 'x'))
    socket.once('data', die)
  })
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`)
  })
}

/** What a client read before the connection ended, and what its last read gave. */
interface Seen {
  bytes: number
  ended: 'end of file' | 'ECONNRESET'
}

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())))
    child.once('error', (error) => reject(new EnvironmentError(`the program cannot be started: ${error.message}`)))
    child.once('exit', () => reject(new EnvironmentError('the program ended before it listened')))
  })

const read = (port: number): Promise<Seen> =>
  new Promise((resolve, reject) => {
    let bytes = 0
    const socket = net.connect(port, '127.0.0.1')
    const settle = (ended: Seen['ended']): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ bytes, ended })
    }
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new EnvironmentError(`the connection did not end within ${deadlineMs} ms`))
    }, deadlineMs)
    socket.on('data', (chunk) => {
      bytes += chunk.length
      // All that was sent is here: now the program may die.
      if (bytes >= sentBytes) socket.write('.')
    })
    socket.on('end', () => settle(hiddenError(socket) === 'ECONNRESET' ? 'ECONNRESET' : 'end of file'))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') settle('ECONNRESET')
      else reject(error)
    })
  })

const observe = async (death: string, guarded: boolean): Promise<Seen> => {
  const child = spawn(process.execPath, [ownFile, '__demo', death, guarded ? 'guarded' : 'bare'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    return await read(await portOf(child))
  } finally {
    child.kill('SIGKILL')
  }
}

const shown = ({ bytes, ended }: Seen): string => {
  const text = `${bytes} bytes, ${ended}`.padEnd(30)
  return ended === 'end of file' ? pc.red(text) : pc.green(text)
}

/** Plays every death twice; answers whether each was a truncated end of file when bare and a reset when guarded. */
export const demonstrate = async (print: (text: string) => void): Promise<boolean> => {
  print(`A program promises ${answerBytes} bytes, sends ${sentBytes} of them, and dies. What does its client read?\n`)
  print(`  ${'the program …'.padEnd(30)}${'bare'.padEnd(30)}with guard(socket)`)
  let asSaid = true
  for (const [death, { shown: how }] of Object.entries(deaths)) {
    const bare = await observe(death, false)
    const guarded = await observe(death, true)
    asSaid &&= bare.ended === 'end of file' && guarded.ended === 'ECONNRESET'
    print(`  ${how.padEnd(30)}${shown(bare)}${shown(guarded)}`.trimEnd())
  }
  print('\nEnd of file after a part says that the part is all there is. A reset says that it is not.')
  return asSaid
}
