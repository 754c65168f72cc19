// Runs a program in a process group of its own, so that a deadline or an interruption ends it with all its children.
import { type ChildProcess, spawn } from 'node:child_process'

/** What became of a program. */
export interface Finished {
  /** The exit code; `null` if a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  /** What it wrote to both its outputs, in the order of arrival. */
  output: string
  /** Whether its deadline had passed and it was ended. */
  late: boolean
  seconds: number
}

export interface RunOptions {
  deadlineSeconds: number
  /** The environment; default: our own. */
  env?: NodeJS.ProcessEnv
  /** The working directory; default: ours. */
  folder?: string
}

/** How long a program may take to tidy up after SIGTERM before SIGKILL. */
const graceMs = 2000
const running = new Set<ChildProcess>()
/** From then on nothing new starts, and what ends is no longer told: it ended because we ended it. */
let stopping = false

// Windows has no process groups: only the program itself is ended there.
const grouped = process.platform !== 'win32'

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (grouped) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // The whole group has already gone.
  }
}

function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM')
  setTimeout(() => running.has(child) && signalGroup(child, 'SIGKILL'), graceMs).unref()
}

/** Runs a program to its end. Never rejects: one that cannot be started ends with code 127. */
export function runProcess(command: readonly string[], options: RunOptions): Promise<Finished> {
  const [program = '', ...args] = command
  const started = performance.now()
  return new Promise((resolve) => {
    if (stopping) return
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
      windowsHide: true,
      env: options.env ?? process.env,
      cwd: options.folder ?? process.cwd(),
    })
    running.add(child)
    let output = ''
    let late = false
    const deadline = setTimeout(() => {
      late = true
      endGroup(child)
    }, options.deadlineSeconds * 1000)
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(deadline)
      running.delete(child)
      if (!stopping) resolve({ code, signal, output, late, seconds: (performance.now() - started) / 1000 })
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', (error) => {
      output += `${program} cannot be run: ${error.message}\n`
      finish(127, null)
    })
    // What a program leaves behind is ended with it: it would keep the outputs open and disturb what runs next.
    child.once('exit', () => signalGroup(child, 'SIGKILL'))
    child.once('close', finish)
  })
}

/** Ends every program that still runs, gently first; resolves when all have gone or were killed. */
async function stopProcesses(): Promise<void> {
  stopping = true
  const children = [...running]
  await Promise.all(
    children.map((child) => {
      endGroup(child)
      return new Promise<void>((resolve) => {
        child.once('close', () => resolve())
        setTimeout(resolve, graceMs + 500)
      })
    }),
  )
}

/** On Ctrl-C or SIGTERM: ends every program, then exits with 130 or 143. */
export function stopOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => void stopProcesses().then(() => process.exit(code)))
  }
  process.on('exit', () => {
    for (const child of running) signalGroup(child, 'SIGKILL')
  })
}
