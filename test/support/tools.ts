// Programs that nobody here wrote: finds them, runs them, and says how they are installed where they are missing.
import { execFileSync, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { factIf } from './deadline.js'

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin']

/** The path of a program, or undefined. */
export const findTool = (name: string): string | undefined =>
  folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

/** Whether a program runs to its end without an error. */
export const works = (...[name = '', ...args]: string[]): boolean => {
  try {
    execFileSync(name, args, { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

/** Declares a test that needs a program from Debian's packages. Continuous integration has to have it. */
export const factWith = (
  name: string,
  aptName: string,
  title: string,
  body: () => Promise<void>,
  ms = 60_000,
): void => {
  const missing = findTool(name) === undefined
  const how = `there is no ${name}; apt-get install -y --no-install-recommends ${aptName}`
  if (missing && process.env.CI !== 'true') return factIf(how, title, body, ms)
  const required = async (): Promise<void> => {
    throw new Error(how)
  }
  factIf(false, title, missing ? required : body, ms)
}

/** How a program ended, and what it wrote. */
export interface Ended {
  code: number | null
  output: string
  errors: string
}

/** Runs a program to its end, and ends it if it takes longer than a minute. */
export const runTool = (command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const [name = '', ...args] = command
    const child = spawn(findTool(name) ?? name, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: Number(env.FINRST_TIMEOUT ?? 60_000),
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('latin1').on('data', (more: string) => {
      output += more
    })
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      errors += more
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output, errors }))
  })
