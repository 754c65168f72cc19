// Bundles a program as a user of esbuild, rollup, vite or webpack does, with no more settings than the target asks for.
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** What to bundle, and what for. */
export interface Task {
  entry: string
  outfile: string
  format: 'esm' | 'cjs'
  target: 'node' | 'browser'
}

/** Bundles; answers the warnings. `tools` is the folder that the bundler is installed in. */
export type Bundler = (task: Task, tools: string) => Promise<string[]>

const load = (tools: string, name: string): Promise<unknown> =>
  import(pathToFileURL(createRequire(join(tools, 'package.json')).resolve(name)).href)

const esbuild: Bundler = async ({ entry, outfile, format, target }) => {
  const { warnings } = await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format, platform: target, logLevel: 'silent' },
  })
  return warnings.map(({ text }) => text)
}

interface Rollup {
  rollup(options: object): Promise<{ write(options: object): Promise<unknown> }>
}
interface NodeResolve {
  nodeResolve(options: object): unknown
}

const rollup: Bundler = async ({ entry, outfile, format, target }, tools) => {
  const warnings: string[] = []
  const { nodeResolve } = (await load(tools, '@rollup/plugin-node-resolve')) as NodeResolve
  const bundled = await ((await load(tools, 'rollup')) as Rollup).rollup({
    input: entry,
    plugins: [nodeResolve(target === 'node' ? { exportConditions: ['node'] } : { browser: true })],
    external: target === 'node' ? /^node:/ : [],
    onwarn: ({ message }: { message: string }) => warnings.push(message),
  })
  await bundled.write({ file: outfile, format })
  return warnings
}

interface Vite {
  build(options: object): Promise<unknown>
}

const vite: Bundler = async ({ entry, outfile, format, target }, tools) => {
  const warnings: string[] = []
  const logger = {
    ...{ info: () => undefined, warn: (text: string) => warnings.push(text), warnOnce: () => undefined },
    ...{ error: () => undefined, clearScreen: () => undefined, hasErrorLogged: () => false, hasWarned: false },
  }
  const output = { format, entryFileNames: basename(outfile) }
  await ((await load(tools, 'vite')) as Vite).build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'warn',
    customLogger: logger,
    ssr: { noExternal: true },
    build: {
      ...{ outDir: dirname(outfile), emptyOutDir: false, ssr: target === 'node', copyPublicDir: false },
      rolldownOptions: { input: entry, output },
    },
  })
  return warnings
}

interface Stats {
  compilation: { errors: Error[]; warnings: Error[] }
}
interface Webpack {
  default: (options: object, done: (error: Error | null, stats: Stats) => void) => { close(done: () => void): void }
}

const webpack: Bundler = async ({ entry, outfile, format, target }, tools) => {
  const { default: run } = (await load(tools, 'webpack')) as Webpack
  const esm = format === 'esm'
  const options = {
    ...{ mode: 'production', target: target === 'node' ? 'node' : 'web', entry, context: dirname(entry) },
    output: {
      ...{ path: dirname(outfile), filename: basename(outfile), module: esm, chunkFormat: esm ? 'module' : 'commonjs' },
      library: { type: esm ? 'module' : 'commonjs2' },
    },
    experiments: { outputModule: esm },
  }
  return new Promise((resolve, reject) => {
    const compiler = run(options, (error, stats) => {
      compiler.close(() => {
        const failure = error ?? stats.compilation.errors[0]
        if (failure !== undefined) reject(failure)
        else resolve(stats.compilation.warnings.map(({ message }) => message))
      })
    })
  })
}

/** Every bundler, by its name. */
export const bundlers: Readonly<Record<string, Bundler>> = { esbuild, rollup, vite, webpack }
