// Gives every test a deadline of its own, and says aloud which tests a machine cannot run.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import { runtimeArguments } from './runtime.js'

/** Settles as the promise does, or rejects when the time is up. */
export const soon = async <T>(what: string, promise: Promise<T> | T, ms = 10_000): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Declares a test with a deadline. */
export const fact = (name: string, body: () => void | Promise<void>, ms = 20_000): void => {
  test(name, () => soon(name, (async () => body())(), ms))
}

/** Declares a test that needs something; without it the test is skipped and the reason is told. */
export const factIf = (missing: string | false, name: string, body: () => void | Promise<void>, ms?: number): void => {
  if (missing === false) return fact(name, body, ms)
  test.skip(name)
  console.log(`note: skipped, ${missing}: ${name}`)
}

/** Whether this process is one that {@link throughBackend} has started. */
export const isVariant = process.env.FINRST_VARIANT === '1'

/** Runs the same test file in a child with another way to the system calls; rejects with what it wrote if it fails. */
export const throughBackend = (file: string, backend: string, env: NodeJS.ProcessEnv = {}): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...runtimeArguments, fileURLToPath(file)], {
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...env, FINRST_BACKEND: backend, FINRST_VARIANT: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0 && /Passed:\s+[1-9]/.test(output)) return resolve()
      reject(new Error(`with FINRST_BACKEND=${backend} it ended with ${signal ?? code}:\n${output}`))
    })
  })
