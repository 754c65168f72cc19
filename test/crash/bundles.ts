// Bundles the programs of a long test for the runtimes that they run under, into a folder that goes with the test.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'
import type { RuntimeName } from '../../scripts/runtimes.ts'
import { programOptions } from '../../scripts/bundling.ts'

/** A folder of bundled programs. */
export class Bundles {
  readonly #folder: string
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true })

  constructor() {
    mkdirSync('build/crash', { recursive: true })
    this.#folder = mkdtempSync('build/crash/programs-')
    process.once('exit', this.#remove)
  }

  /** Bundles a program, so that `#adapter` in it is the runtime's own; resolves to its path. */
  async make(entry: string, runtime: RuntimeName): Promise<string> {
    const outfile = join(this.#folder, `${runtime}-${basename(entry, '.ts')}.mjs`)
    await build({
      ...programOptions,
      entryPoints: [entry],
      outfile,
      conditions: [runtime],
      logLevel: 'error',
    })
    return resolve(outfile)
  }

  remove(): void {
    process.off('exit', this.#remove)
    this.#remove()
  }
}
