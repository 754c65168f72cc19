// Builds the command line once and runs it, with scripts of the test's own.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { build } from 'esbuild'
import { programOptions } from '../../scripts/bundling.ts'

const deadlineMs = 30_000

/** A folder for what a test file makes; it removes it when it is done. */
export const folder = (() => {
  const parent = join(process.cwd(), 'build', 'test')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'conformance-'))
})()
const cli = join(folder, 'cli.mjs')

/** Gives a test its own deadline. */
export const within = (body: () => void | Promise<void>) => async (): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${deadlineMs} ms`)), deadlineMs)
  })
  try {
    await Promise.race([body(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** How a run ended, and what it wrote. */
export interface Ran {
  code: number | null
  out: string
  errors: string
}

/** Runs the command line. */
export const finrst = (...args: string[]): Promise<Ran> => run([process.execPath, cli, ...args], deadlineMs - 1000)

/** Runs a program, and ends it if it takes longer. */
export const run = ([program = '', ...args]: readonly string[], ms = 60_000): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const ran: Ran = { code: null, out: '', errors: '' }
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ran.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ran.errors += text
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ ...ran, code })
    })
  })

/** A folder with one script in it. */
export const folderWith = (id: string, source: string): string => {
  const scripts = mkdtempSync(join(folder, 'scripts-'))
  writeFileSync(join(scripts, `${id}.wire`), source)
  return scripts
}

/** Checks data against a schema of spec/schemas, which may refer to others. */
export const validator = (schema: string, ...others: string[]) => {
  const [first, ...rest] = [schema, ...others].map((name) =>
    JSON.parse(readFileSync(join('spec', 'schemas', name), 'utf8')),
  )
  return new Ajv2020({ strict: false, schemas: rest }).compile(first)
}

/** Builds the command line into the folder. */
export const buildCommandLine = async (): Promise<void> => {
  await build({
    ...programOptions,
    entryPoints: ['conformance/cli.ts'],
    outfile: cli,
    logLevel: 'error',
  })
}
