// Builds everything that is published: the two Wasm modules, the JavaScript bundles, the command line and the types.
// With --wasm it stops after the Wasm, with --check it fails if the committed Wasm differs from its source.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import * as spec from '../adapters/spec/files.ts'
import { licencesOf, packagesIn } from './licences.ts'
import { pruneTypes } from './prune-types.ts'

const modules = [
  { entry: 'assembly/index.ts', name: 'finrst' },
  { entry: 'assembly/pure.ts', name: 'finrst-pure' },
]

function run(module: string, ...rest: string[]): void {
  execFileSync(process.execPath, [module, ...rest], { stdio: ['ignore', 'inherit', 'inherit'] })
}

// asc merges the asconfig.json of the working directory into every call, so the target is always named.
function buildWasm(): void {
  mkdirSync('build', { recursive: true })
  for (const { entry, name } of modules) {
    run(
      'node_modules/assemblyscript/bin/asc.js',
      entry,
      '--target',
      'release',
      '--outFile',
      `build/${name}.wasm`,
      '--textFile',
      `build/${name}.wat`,
    )
  }
}

function settleWasm(checking: boolean): void {
  for (const { name } of modules) {
    const built = readFileSync(`build/${name}.wasm`)
    const committed = `embed/${name}.wasm`
    let same = false
    try {
      same = readFileSync(committed).equals(built)
    } catch {
      // Not there yet.
    }
    if (same) continue
    if (checking) throw new Error(`${committed} is not what its source builds; run npm run build and commit it`)
    copyFileSync(`build/${name}.wasm`, committed)
    console.log(`${committed}: ${built.length} bytes`)
  }
}

const shared: BuildOptions & { metafile: true } = {
  bundle: true,
  format: 'esm',
  target: 'node20',
  loader: { '.wasm': 'binary' },
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
  banner: { js: '// finrst: FIN when the stream is complete, RST when it is not. MIT licence.' },
}

/** The module `finrst:data`: what spec/ holds, as one JSON object. */
const specData: Plugin = {
  name: 'finrst:data',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^finrst:data$/ }, ({ path }) => ({ path, namespace: 'finrst' }))
    onLoad({ filter: /./, namespace: 'finrst' }, () => {
      const vectors = [...spec.readVectors('.').values()].flat()
      const [abi, platforms, rows] = [spec.readAbi('.'), spec.readPlatforms('.'), spec.readRows('.')]
      const data = { abi, platforms, rows, ruleFile: spec.readRules('.'), runs: spec.readRuns('.'), vectors }
      return { contents: JSON.stringify(data), loader: 'json' }
    })
  },
}

async function buildScripts(): Promise<void> {
  rmSync('dist', { recursive: true, force: true })
  const adapters = await build({
    ...shared,
    entryPoints: Object.fromEntries([
      ...['core', 'node', 'deno', 'bun'].map((name) => [name, `adapters/${name}/index.ts`]),
      ...['node', 'deno', 'bun'].map((name) => [`auto-${name}`, `adapters/${name}/auto.ts`]),
    ]),
    outdir: 'dist',
    // So that the inlined bytes are decoded by what browsers have too.
    platform: 'browser',
    external: ['koffi', 'node:*'],
    splitting: true,
    chunkNames: 'chunk-[hash]',
  })
  // Data for any runtime: nothing of it is in the bundles above, and without blanks it is half as large.
  await build({
    ...shared,
    entryPoints: { spec: 'adapters/spec/index.ts' },
    outdir: 'dist',
    platform: 'neutral',
    plugins: [specData],
    minifyWhitespace: true,
  })
  // Nobody reads or imports the command line; with short names it is a third smaller.
  const program = await build({
    ...shared,
    entryPoints: { cli: 'conformance/cli.ts' },
    minify: true,
    // A peer or a testee loads a part of it: a run of the suite starts more than a hundred.
    splitting: true,
    chunkNames: 'cli-[hash]',
    outdir: 'dist',
    platform: 'node',
    external: ['koffi'],
    banner: {
      js: [
        '#!/usr/bin/env node',
        "import { createRequire as finrstRequire } from 'node:module'",
        'const require = finrstRequire(import.meta.url)',
      ].join('\n'),
    },
  })
  chmodSync('dist/cli.js', 0o755)
  const inside = [adapters, program].flatMap(({ metafile }) => [...packagesIn(metafile)])
  writeFileSync('dist/licences.txt', licencesOf(new Set(inside)))
  for (const { name } of modules) copyFileSync(`embed/${name}.wasm`, `dist/${name}.wasm`)
  copyFileSync('docs/finrst.1', 'dist/finrst.1')
  run('node_modules/typescript/bin/tsc', '-p', 'adapters/tsconfig.types.json')
  pruneTypes('dist/types')
}

const flags = process.argv.slice(2)
buildWasm()
settleWasm(flags.includes('--check'))
if (!flags.includes('--wasm')) await buildScripts()
