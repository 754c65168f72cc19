// How a program of this repository is bundled, so that a runtime can start it as it is: tests, benchmarks, scripts.
import type { BuildOptions } from 'esbuild'

/** The options that all of them have; scripts/run.mjs has its own, because it is what starts TypeScript at all. */
export const programOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  loader: { '.wasm': 'binary' },
} as const satisfies BuildOptions
