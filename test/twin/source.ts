// Runs the source of the engine as JavaScript, with its text changed if a test wants to see the change caught.
import { build } from 'esbuild'
import type { Subject } from '../../conformance/vectors.js'
import type { Imports, Loader } from '../../simulation/engine.ts'
import { twinPlugin } from '../../simulation/twin-plugin.ts'
import { Machine } from '../invariants/machine.ts'

/** A change of the source: the file, what stands there exactly once, and what is to stand there. */
export interface Mutant {
  title: string
  file: string
  from: string
  to: string
}

interface Twin {
  loadTwin: Loader
  bytesAt: (address: number, length: number) => Uint8Array
}

const entryModule = `
  export { loadTwin } from './simulation/twin.ts'
  export { bytesAt } from './simulation/twin-memory.ts'
`

const changing =
  (mutant: Mutant) =>
  (text: string, path: string): string => {
    if (!path.endsWith(mutant.file)) return text
    if (text.split(mutant.from).length !== 2)
      throw new Error(`${mutant.file} does not have this exactly once: ${mutant.from}`)
    return text.replace(mutant.from, () => mutant.to)
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
    plugins: [twinPlugin(process.cwd(), mutant && changing(mutant))],
  })
  const code = outputFiles[0]?.text ?? ''
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as Twin
}

/** The source as an engine for the model, as a machine for the invariants and as a subject for the vectors. */
export async function sourceMachine(mutant?: Mutant): Promise<{ load: Loader; machine: Machine; subject: Subject }> {
  const { loadTwin, bytesAt } = await load(mutant)
  // It has one host at a time: the last that loaded it.
  const { engine } = loadTwin({} as Imports)
  const subject: Subject = { engine, bytes: (length) => bytesAt(engine.buffer(), length) }
  return { load: loadTwin, machine: new Machine(loadTwin), subject }
}
