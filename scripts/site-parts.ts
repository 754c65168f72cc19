// The parts of the explorer that know no document, bundled for this process: they play a situation.
import { build } from 'esbuild'
import type * as engine from '../simulation/engine.ts'
import type * as events from '../site/events.ts'
import type * as lane from '../site/lane.ts'
import type * as play from '../site/play.ts'
import type * as scenarios from '../site/scenarios.ts'
import type * as situation from '../site/situation.ts'
import { sitePlugins } from './site-plugins.ts'

export type Parts = typeof engine & typeof lane & typeof play & typeof scenarios & typeof situation & typeof events

const entry = ['simulation/engine', 'site/lane', 'site/play', 'site/scenarios', 'site/situation', 'site/events']
  .map((path) => `export * from './${path}.ts'`)
  .join('\n')

export async function loadParts(): Promise<Parts> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    loader: { '.wasm': 'binary' },
    logLevel: 'warning',
    plugins: sitePlugins(process.cwd()),
  })
  const code = outputFiles[0]?.text ?? ''
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as Parts
}
