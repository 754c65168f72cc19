// Runs the source of the engine as JavaScript, with its text changed if a test wants to see the change caught.
import { readFileSync } from 'node:fs'
import { build, type Plugin } from 'esbuild'
import type { Subject } from '../../conformance/vectors.js'
import { type Exports, type Imports, type Loader, Machine } from '../invariants/machine.ts'

/** A change of the source: the file, what stands there exactly once, and what is to stand there. */
export interface Mutant {
  title: string
  file: string
  from: string
  to: string
}

interface Twin {
  engine: Exports
  peek: (address: number) => number
  bytes: (address: number, length: number) => Uint8Array
  imports: Imports
}

const hostModule = `
  export const imports = {}
  export const setsockopt = (...words) => imports.setsockopt(...words)
  export const shutdown = (...words) => imports.shutdown(...words)
  export const disconnect = (...words) => imports.disconnect(...words)
  export const close = (...words) => imports.close(...words)
  export const request = (...words) => imports.request(...words)
`

const entryModule = `
  import { bytesAt, provideMemory } from './test/twin/memory.ts'
  provideMemory()
  export const bytes = bytesAt
  export const peek = (address) => load(address)
  export const engine = await import('./assembly/index.ts')
  export { imports } from './assembly/host.ts'
`

function changed(mutant: Mutant | undefined, path: string): string {
  const text = readFileSync(path, 'utf8')
  if (mutant === undefined || !path.endsWith(mutant.file)) return text
  if (text.split(mutant.from).length !== 2)
    throw new Error(`${mutant.file} does not have this exactly once: ${mutant.from}`)
  return text.replace(mutant.from, () => mutant.to)
}

function replacing(mutant: Mutant | undefined): Plugin {
  return {
    name: 'twin',
    setup({ onLoad }) {
      onLoad({ filter: /assembly[\\/]host\.ts$/ }, () => ({ contents: hostModule, loader: 'js' }))
      onLoad({ filter: /assembly[\\/]\w+\.ts$/ }, ({ path }) => ({ contents: changed(mutant, path), loader: 'ts' }))
    },
  }
}

async function load(mutant: Mutant | undefined): Promise<Twin> {
  const { outputFiles } = await build({
    stdin: { contents: entryModule, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [replacing(mutant)],
  })
  const code = outputFiles[0]?.text ?? ''
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as Twin
}

/** The source as an engine for the model, as a machine for the invariants and as a subject for the vectors. */
export async function sourceMachine(mutant?: Mutant): Promise<{ load: Loader; machine: Machine; subject: Subject }> {
  const { engine, peek, bytes, imports } = await load(mutant)
  const loader: Loader = (host) => {
    Object.assign(imports, host)
    return { engine, peek }
  }
  const subject: Subject = { engine, bytes: (length) => bytes(engine.buffer(), length) }
  return { load: loader, machine: new Machine(loader), subject }
}
