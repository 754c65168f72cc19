// Tests the package where its users have it: under every supported runtime, required, bundled, and compiled against.
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { majors, nodeBinary } from '../scripts/nodes.ts'
import { installed as runtimeOf } from '../scripts/runtimes.ts'
import { bundlers, type Task } from './support/bundlers.ts'
import { fact } from './support/deadline.ts'
import {
  consumer,
  deciding,
  guarded,
  guarding,
  type ModuleKind,
  requiringConsumer,
} from './support/package-programs.ts'
import { tool, toolsFolder, withTools } from './support/release-tools.ts'
import { giveTypes, installed, pack, succeed, tarball, temporary } from './support/packed.ts'

const minutes = 60_000
const kinds: readonly ModuleKind[] = ['esm', 'cjs']
const extensions = { esm: 'mjs', cjs: 'cjs' } as const
const lastLine = (output: string): unknown => JSON.parse(output.trim().split('\n').at(-1) ?? '')

/** What stands before a program of Deno or Bun. */
function runtime(name: 'deno' | 'bun'): string[] {
  const found = runtimeOf(name)
  if ('missing' in found) throw new Error(found.missing)
  return found.runtime.command
}

await pack()
const bare = await installed('bare', '--omit=optional')
// Nobody needs an install script.
const whole = await installed('whole', '--ignore-scripts')

// ---- runtimes ------------------------------------------------------------------------------------------------------

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string }; version: string }
/** The oldest versions that the manifest promises: `require` of a module came with them. */
const oldest = manifest.engines.node.match(/\d+\.\d+\.\d+/g) ?? []

fact('the engines of the manifest begin in major versions that are tested', () => {
  assert.equal(oldest, ['20.19.0', '22.13.0'])
  assert.ok(oldest.every((version) => majors.includes(Number.parseInt(version, 10))))
})

fact(
  'without koffi it keeps its promise with what the runtime has, and says so',
  async () => {
    const program = join(bare, 'without-koffi.mjs')
    writeFileSync(program, guarding('node'))
    const backend = process.getBuiltinModule?.('node:ffi' as 'node:fs') === undefined ? 'none' : 'node:ffi'
    const expected = ['1000 ECONNRESET', '1000 end of file', backend, backend, 'fin', 'reset']
    assert.equal(lastLine(await succeed(bare, process.execPath, program)), [true, ...expected.sort()])
  },
  minutes,
)

for (const kind of kinds) {
  for (const version of [...oldest, ...majors]) {
    const name = `under node ${version}, ${kind}, one connection ends and one is reset, without a warning`
    const body = async (): Promise<void> => {
      const program = join(whole, `node-${version}.${extensions[kind]}`)
      writeFileSync(program, guarding('node', kind))
      const output = await succeed(whole, await nodeBinary(version), program)
      assert.equal(lastLine(output), guarded('node'))
      assert.is(output.trim().split('\n').length, 1, output)
    }
    fact(name, body, 4 * minutes)
  }
  for (const name of ['deno', 'bun'] as const) {
    const body = async (): Promise<void> => {
      const [binary = '', ...flags] = runtime(name)
      // No more permissions than the README names.
      const allowed = name === 'deno' ? ['run', '--no-lock', '--no-prompt', '--allow-net', '--allow-ffi'] : flags
      // What require() loads it reads at run time, and Deno wants a permission for that.
      if (name === 'deno' && kind === 'cjs') allowed.push('--allow-read')
      writeFileSync(join(whole, `${name}.${extensions[kind]}`), guarding(name, kind))
      const output = await succeed(whole, binary, ...allowed, `${name}.${extensions[kind]}`)
      assert.equal(lastLine(output), guarded(name))
    }
    fact(`under ${name}, ${kind}, its own connections and those of node:net are guarded`, body, 2 * minutes)
  }
}

// ---- bundlers ------------------------------------------------------------------------------------------------------

/** Bundles a program in a project, without a warning. */
async function bundle(bundler: string, task: Task): Promise<void> {
  const warnings = await bundlers[bundler]?.(task, toolsFolder)
  assert.equal(warnings, [], `warnings of ${bundler}`)
}

// A program is bundled where koffi is not, and then moved: what a bundle finds must lie beside it.
mkdirSync(join(temporary, 'deployed'))
symlinkSync(join(whole, 'node_modules'), join(temporary, 'deployed/node_modules'), 'junction')

for (const bundler of Object.keys(bundlers)) {
  for (const format of kinds) {
    const file = `${bundler}.${extensions[format]}`
    withTools(`bundled by ${bundler} as ${format}, it guards with the koffi beside it, or tells of none`, async () => {
      const entry = join(bare, `entry-${bundler}-${format}.mjs`)
      writeFileSync(entry, guarding('node'))
      const alone = join(temporary, 'alone', file)
      await bundle(bundler, { entry, outfile: alone, format, target: 'node' })
      assert.equal(lastLine(await succeed(temporary, process.execPath, alone)), guarded('node', 'none'))
      const deployed = join(temporary, 'deployed', file)
      copyFileSync(alone, deployed)
      assert.equal(lastLine(await succeed(temporary, process.execPath, deployed)), guarded('node'))
    })
  }
  withTools(`bundled by ${bundler} for a browser, the engine decides as it does unbundled`, async () => {
    const entry = join(bare, `browser-${bundler}.mjs`)
    writeFileSync(entry, deciding)
    const outfile = join(temporary, 'browser', `${bundler}.mjs`)
    await bundle(bundler, { entry, outfile, format: 'esm', target: 'browser' })
    assert.not.match(readFileSync(outfile, 'utf8'), /\bnode:|\brequire\(/)
    const expected = await succeed(bare, process.execPath, entry)
    assert.match(expected, /^\d+ -?[1-9]\d* close-flushes$/m)
    assert.is(await succeed(temporary, process.execPath, outfile), expected)
  })
}

const bundledByRuntime: [name: 'deno' | 'bun', command: (entry: string, outfile: string) => string[]][] = [
  ['deno', (entry, outfile) => ['bundle', '--quiet', '--output', outfile, entry]],
  ['bun', (entry, outfile) => ['build', '--target', 'bun', '--outfile', outfile, entry]],
]

for (const [name, command] of bundledByRuntime) {
  fact(
    `bundled by ${name} for itself, its own connections and those of node:net are guarded`,
    async () => {
      const [binary = '', ...flags] = runtime(name)
      const entry = join(bare, `entry-${name}.mjs`)
      const outfile = join(temporary, 'alone', `${name}.mjs`)
      writeFileSync(entry, guarding(name))
      await succeed(bare, binary, ...command(entry, outfile))
      assert.equal(lastLine(await succeed(temporary, binary, ...flags, outfile)), guarded(name))
    },
    2 * minutes,
  )
}

// ---- types ---------------------------------------------------------------------------------------------------------

giveTypes(bare, 'node')
writeFileSync(join(bare, 'consumer.mts'), consumer)
writeFileSync(join(bare, 'consumer.cts'), requiringConsumer)

/** The compilers, oldest first: their names, and where they are. */
const compilers: [version: string, path: () => string][] = [
  ['5.9', () => tool('typescript-5.9/bin/tsc')],
  ['6.0', () => tool('typescript/bin/tsc')],
  ['7.0', () => resolve('node_modules/typescript/bin/tsc')],
]
const resolutions = { nodenext: 'nodenext', bundler: 'esnext' } as const

for (const [version, path] of compilers) {
  for (const [moduleResolution, module] of Object.entries(resolutions)) {
    withTools(`TypeScript ${version} finds its types right, strict, by ${moduleResolution}`, async () => {
      assert.match(await succeed(bare, process.execPath, path(), '--version'), new RegExp(`^Version ${version}\\.`))
      const compilerOptions = {
        ...{ target: 'es2022', module, moduleResolution, lib: ['es2023', 'esnext.disposable'], types: ['node'] },
        ...{ strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noEmit: true },
      }
      const files = ['consumer.mts', ...(moduleResolution === 'nodenext' ? ['consumer.cts'] : [])]
      const project = join(bare, `tsconfig-${version}-${moduleResolution}.json`)
      writeFileSync(project, JSON.stringify({ compilerOptions, files }))
      await succeed(bare, process.execPath, path(), '-p', project)
    })
  }
}

withTools('publint has nothing to say', async () => {
  const output = await succeed(temporary, process.execPath, tool('publint/src/cli.js'), 'run', tarball, '--strict')
  assert.match(output, /All good!/)
})

withTools('attw finds every entry with types right, as ES modules', async () => {
  // CommonJS gets the same modules by require(), which TypeScript knows from 5.8 on: the compilers above prove it.
  const untyped = ['./wasm', './wasm-pure']
  const command = [tool('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--format', 'ascii']
  const output = await succeed(temporary, process.execPath, ...command, '--exclude-entrypoints', ...untyped)
  for (const entry of ['', '/node', '/deno', '/bun', '/core', '/spec']) {
    assert.match(output, new RegExp(`^"finrst${entry}"\n\nnode16 \\(from ESM\\): 🟢 \\(ESM\\)\nbundler: 🟢`, 'm'))
  }
})

test.run()
