// A network of our own: that of a process which waits for the end of its standard input. When we end, however, so does
// it, and the network is gone with it. Nothing of the machine's own network is touched.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const everyone = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of everyone) child.kill('SIGKILL')
})

/** Starts a program that says when it is ready, and ends with its standard input. */
export const startHelper = async (
  program: string,
  args: readonly string[],
): Promise<ChildProcess & { pid: number }> => {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  everyone.add(child)
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  child.stdin.on('error', () => undefined)
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(error))
    child.once('close', (code) => reject(new Error(`${program} ended with ${code}: ${told.trim()}`)))
  })
  failed.catch(() => undefined)
  child.once('exit', () => everyone.delete(child))
  await Promise.race([once(child.stdout, 'data'), failed])
  return child as ChildProcess & { pid: number }
}

/** Lets one go. */
export const endHelper = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.stdin?.end()
  const late = setTimeout(() => child.kill('SIGKILL'), 5000)
  await over
  clearTimeout(late)
}

/** One such network. */
export class Namespace {
  readonly #holder: ChildProcess & { pid: number }

  private constructor(holder: ChildProcess & { pid: number }) {
    this.#holder = holder
  }

  /**
   * Makes one, in which a command of the shell has been run.
   * @throws Error that tells what this machine does not allow
   */
  static async open(prepare = 'true'): Promise<Namespace> {
    const script = `${prepare} && echo ready && exec cat`
    return new Namespace(await startHelper('unshare', ['--net', 'sh', '-c', script]))
  }

  /** A process that is in it. */
  get pid(): number {
    return this.#holder.pid
  }

  /** What stands before a command that is to run in it. */
  get within(): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--']
  }

  close(): Promise<void> {
    return endHelper(this.#holder)
  }
}
