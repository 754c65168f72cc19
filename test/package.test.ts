// Tests the package as its users get it: what is in it, that it installs, imports, runs and has correct types.
// It is packed in a copy of the repository, because packing builds and the other tests use what was built.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readRows, readRules, readVectors } from '../adapters/spec/files.ts'
import { repositoryFiles } from '../scripts/files.ts'
import { npmCommand } from '../scripts/nodes.ts'
import { installed as runtimeOf } from '../scripts/runtimes.ts'
import { bunConsumer, denoConsumer, guarding, meterConsumer } from './support/package-programs.ts'
import { type Finished, runProcess, stopOnSignals } from '../scripts/processes.ts'

interface Packed {
  filename: string
  size: number
  unpackedSize: number
  files: { path: string; size: number; mode: number }[]
}

type Target = string | { [condition: string]: Target }

interface Manifest {
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
  optionalDependencies?: Record<string, string>
  bundleDependencies?: string[]
  exports: Record<string, Target>
}

const temporary = mkdtempSync(join(tmpdir(), 'finrst-package-'))
const tsc = resolve('node_modules/typescript/bin/tsc')
let packed: Packed
let manifest: Manifest
let bare: string
let whole: string

/** The output of a command that must succeed. */
async function succeed(folder: string, ...command: string[]): Promise<string> {
  const { code, output, late } = await runIn(folder, ...command)
  if (code !== 0) throw new Error(`${late ? 'too late' : `exit code ${code}`}: ${command.join(' ')}\n${output}`)
  return output
}

/** Runs a command in a folder, without the settings that npm hands to what it starts. */
function runIn(folder: string, ...command: string[]): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_(?!config_registry)|INIT_CWD)/i.test(name))
  return runProcess(command, {
    deadlineSeconds: 150,
    folder,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', npm_config_loglevel: 'error' },
  })
}

/** The files of the repository, without what was built, beside the tools that build it. */
function copyRepository(): string {
  const copy = join(temporary, 'repository')
  for (const path of repositoryFiles()) {
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    copyFileSync(path, join(copy, path))
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'), 'junction')
  return copy
}

/** An empty project with the package installed. */
async function installed(name: string, ...flags: string[]): Promise<string> {
  const folder = join(temporary, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline']
  await succeed(folder, ...npmCommand(), 'install', ...quiet, ...flags, join(temporary, packed.filename))
  return folder
}

const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.'))
const evaluate = (folder: string, program: string): Promise<string> =>
  succeed(folder, process.execPath, '--input-type=module', '--eval', program)
const npx = (folder: string, ...args: string[]): Promise<string> =>
  succeed(folder, ...npmCommand(), 'exec', '--no', '--', 'finrst', ...args)

test.before(async () => {
  const json = await succeed(
    copyRepository(),
    ...npmCommand(),
    ...['pack', '--json', '--foreground-scripts=false', '--pack-destination', temporary],
  )
  const [first] = JSON.parse(json.slice(json.indexOf('[\n'))) as Packed[]
  assert.ok(first, json)
  packed = first
  bare = await installed('bare', '--omit=optional')
  manifest = JSON.parse(readFileSync(join(bare, 'node_modules/finrst/package.json'), 'utf8'))
})

stopOnSignals()
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

test('the package holds what is meant and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  const spec = repositoryFiles().filter((path) => path.startsWith('spec/'))
  const testees = repositoryFiles().filter((path) => path.startsWith('conformance/testees/'))
  const fixed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...spec, ...testees]
  const scripts = ['cli', 'core', 'node', 'deno', 'bun', 'spec'].map((name) => `dist/${name}.js`)
  const built = [...scripts, 'dist/finrst.wasm', 'dist/finrst-pure.wasm']
  const meant = new Set([...fixed, ...built])
  const shape = /^dist\/(?:(?:chunk|cli)-[A-Z0-9]+\.js|types\/[a-z/-]+\.d\.ts)$/
  assert.equal(
    paths.filter((path) => !meant.has(path) && !shape.test(path)),
    [],
    'not meant to be there',
  )
  assert.equal(
    [...meant].filter((path) => !paths.includes(path)),
    [],
    'missing',
  )
})

test('its size is told', () => {
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`
  const scripts = packed.files.filter(({ path }) => /^dist\/[^/]+\.(?:js|wasm)$/.test(path))
  assert.ok(scripts.length >= 5)
  const sizes = scripts.map(({ path, size }) => `${path.slice('dist/'.length)} ${kib(size)}`).join(', ')
  console.log(`\nnote: ${sizes}`)
  console.log(`note: tarball ${kib(packed.size)}, unpacked ${kib(packed.unpackedSize)}`)
  assert.ok(packed.unpackedSize < 2.5 * 1024 * 1024, 'more than 2.5 MiB')
})

test('it depends on nothing but, at will, koffi, and has one peer, which need not be there', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, bundleDependencies, optionalDependencies } = manifest
  assert.equal([dependencies, bundleDependencies], [undefined, undefined])
  assert.equal(Object.keys(peerDependencies ?? {}), ['@opentelemetry/api'])
  assert.equal(peerDependenciesMeta, { '@opentelemetry/api': { optional: true } })
  assert.equal(Object.keys(optionalDependencies ?? {}), ['koffi'])
  assert.equal(visible(join(bare, 'node_modules')), ['finrst'])
})

test('everything that it exports is there', () => {
  const paths = new Set(packed.files.map(({ path }) => `./${path}`))
  const pathsOf = (to: Target): string[] => (typeof to === 'string' ? [to] : Object.values(to).flatMap(pathsOf))
  const targets = Object.values(manifest.exports).flatMap(pathsOf)
  assert.ok(targets.length >= 12)
  assert.equal(
    targets.filter((path) => !path.includes('*') && !paths.has(path)),
    [],
  )
})

const imports = `
  const { guard, run, explain, table } = await import('finrst')
  const same = (await import('finrst/node')).guard === guard
  const { presets } = await import('finrst/core')
  const { readFileSync } = await import('node:fs')
  const wasm = readFileSync(new URL(import.meta.resolve('finrst/wasm')))
  const types = [guard, run, explain, table].map((each) => typeof each)
  console.log(JSON.stringify([types, same, typeof presets, WebAssembly.validate(wasm), explain('close-flushes').rule]))`
const imported = [['function', 'function', 'function', 'function'], true, 'object', true, 'close-flushes']

test('it imports without koffi', async () => {
  assert.equal(JSON.parse(await evaluate(bare, imports)), imported)
})

test('its command line runs without koffi', async () => {
  const help = await npx(bare, '--help')
  for (const word of ['test', 'list', 'explain', 'table']) assert.ok(help.includes(`\n  ${word} `), word)
  const list = await npx(bare, 'list')
  const scripts = repositoryFiles().filter((path) => path.endsWith('.wire'))
  assert.is(list.trim().split('\n').length, scripts.length)
})

test('it imports and passes a script of its suite with koffi', async () => {
  whole = await installed('whole')
  assert.equal(
    visible(join(whole, 'node_modules')).filter((name) => name !== '@koromix'),
    ['finrst', 'koffi'],
  )
  assert.equal(JSON.parse(await evaluate(whole, imports)), imported)
  assert.match(await npx(whole, 'test', 'close-complete'), /^1 passed, 0 failed$/m)
})

const backends = { node: 'koffi', deno: 'Deno.dlopen', bun: 'bun:ffi' } as const

for (const name of ['node', 'deno', 'bun'] as const) {
  test(`in ${name} it guards what that runtime has, by its export condition`, async () => {
    const found = name === 'node' ? { runtime: { command: [process.execPath] } } : runtimeOf(name)
    if ('missing' in found) throw new Error(found.missing)
    const [binary = '', ...flags] = found.runtime.command
    // No more permissions than the README names.
    const allowed = name === 'deno' ? ['run', '--no-lock', '--no-prompt', '--allow-net', '--allow-ffi'] : flags
    writeFileSync(join(whole, `${name}.mjs`), guarding(name))
    const output = await succeed(whole, binary, ...allowed, `${name}.mjs`)
    const kinds = name === 'node' ? 1 : 2
    const each = ['1000 ECONNRESET', '1000 end of file', backends[name], backends[name], 'fin', 'reset']
    const expected = each.flatMap((word) => Array.from({ length: kinds }, () => word)).sort()
    assert.equal(JSON.parse(output.trim().split('\n').at(-1) ?? ''), [true, ...expected])
  })
}

const deno = runtimeOf('deno')
const bun = runtimeOf('bun')
const binaryOf = (found: typeof deno): string => {
  if ('missing' in found) throw new Error(found.missing)
  return found.runtime.command[0] ?? ''
}

test('its command line is the same for npx, deno and bunx: same ids, same output', async () => {
  const ways: Record<string, (...args: string[]) => Promise<string>> = {
    node: (...args) => npx(whole, ...args),
    deno: (...args) => succeed(whole, binaryOf(deno), 'run', '-A', '--no-lock', 'npm:finrst', ...args),
    bun: (...args) => succeed(whole, binaryOf(bun), 'x', '--bun', 'finrst', ...args),
  }
  const ids = ['close-complete', 'close-10mb', 'abort-idle', 'abort-after-write', 'close.unread']
  const outputs: string[][] = []
  for (const [name, run] of Object.entries(ways)) {
    const report = JSON.parse(await run('test', ...ids, '--json', '-')) as {
      testee: { testee: string }
      results: { id: string; outcome: string }[]
    }
    assert.is(report.testee.testee, `finrst-${name}`)
    const results = report.results.map(({ id, outcome }) => `${id} ${outcome}`).join('\n')
    outputs.push([await run('list'), await run('test', ...ids), results])
  }
  const [first] = outputs
  assert.ok(first?.[2]?.includes('close-10mb pass'), first?.[2])
  for (const output of outputs) assert.equal(output, first)
})

const spec = `
  const { table } = await import('finrst')
  const data = await import('finrst/spec')
  const { readFileSync } = await import('node:fs')
  const file = JSON.parse(readFileSync(new URL(import.meta.resolve('finrst/spec/table/close.unread.json'))))
  const refused = (name, read) => { try { read(name) } catch (error) { return error.name + ': ' + error.message } }
  console.log(JSON.stringify({
    same: [table, data.table].map((read) => JSON.stringify(read('close.unread')) === JSON.stringify([file])),
    all: JSON.stringify(table()) === JSON.stringify(data.rows),
    group: data.table('close').every(({ id }) => id.startsWith('close.')) && table('close').length,
    own: table('close.unread')[0] !== table('close.unread')[0],
    linux: data.cellsOf(file, 'linux').map((cell) => [cell.is, data.strengthOf(cell)]),
    sizes: ['rows', 'platforms', 'rules', 'vectors'].map((name) => data[name].length),
    refused: [refused('close.unred', table), refused('clos', data.table)],
  }))`

test('the table and the specification are there as data, with and without a file system', async () => {
  const said = JSON.parse(await evaluate(bare, spec))
  const files = (folder: string): number =>
    repositoryFiles().filter((path) => path.startsWith(`spec/${folder}/`)).length
  const vectors = [...readVectors().values()].flat()
  assert.equal(said.same, [true, true])
  assert.equal([said.all, said.own], [true, true])
  assert.is(said.group, readRows().filter(({ id }) => id.startsWith('close.')).length)
  assert.equal(said.linux, [['reset', 'measured']])
  assert.equal(said.sizes, [files('table'), files('platforms'), readRules().rules.length, vectors.length])
  assert.equal(said.refused, [
    'TypeError: finrst: no row is named "close.unred"; see finrst/spec/table',
    'TypeError: finrst: no row is named "clos"; see rows of finrst/spec',
  ])
})

/** A program of a user in one file, without the package beside it. */
async function bundled(name: string, program: string): Promise<string> {
  const outfile = join(temporary, 'bundled', `${name}.mjs`)
  const stdin = { contents: program, resolveDir: bare }
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', external: ['koffi'], logLevel: 'error' })
  return outfile
}

test('a bundled program keeps of the data what it imports, and is told where the rest is', async () => {
  const rules = await bundled('rules', "import { rules } from 'finrst/spec'\nconsole.log(rules.length)\n")
  assert.is((await succeed(temporary, process.execPath, rules)).trim(), String(readRules().rules.length))
  assert.ok(readFileSync(rules).length < 40_000, 'the rows are in it')
  const lost = "import { table } from 'finrst'\ntry { table() } catch (error) { console.log(error.message) }\n"
  const told = await succeed(temporary, process.execPath, await bundled('lost', lost))
  assert.match(
    told,
    /^finrst: no folder above .* has spec\/abi\.json; a bundled program finds the data in finrst\/spec$/m,
  )
})

test('what guards a socket does not carry the table', () => {
  const scripts = packed.files.filter(({ path }) => /^dist\/(?:node|deno|bun|core|chunk-[A-Z0-9]+)\.js$/.test(path))
  for (const { path } of scripts) {
    const text = readFileSync(join(bare, 'node_modules/finrst', path), 'utf8')
    assert.not.match(text, /probe \d{4}-\d{2}-\d{2}|schemas\/table-row/, path)
  }
})

const consumer = `
import { connect, type Socket } from 'node:net'
import { countVerdicts, explain, type Explanation, guard, type Guard, type MeterLike, type Policy } from 'finrst'
import { run, table, type Verdict } from 'finrst'
import { guard as nodeGuard } from 'finrst/node'
import { presets } from 'finrst/core'
import { type Cell, cellsOf, platforms, type Row, type Rule, rules, strengthOf, type Vector } from 'finrst/spec'
import { table as inlined, type Evidence, type Platform, type Run, type TableRow, runs, vectors } from 'finrst/spec'

const policy: Policy = { preset: 'strict', drainIdleMs: 1000 }
const socket: Socket = connect(1, 'localhost')
const held: Guard = guard(socket, policy)
export const verdict: Verdict = await held.close({ within: 5000 })
export const length: number = await run(socket, async (inner) => {
  await inner.finishSending()
  return 1
})
export const told: Explanation | undefined = explain(verdict.rule)
export const others = [nodeGuard, presets]
const [row]: TableRow[] = table('close.unread')
const same: Row | undefined = row ?? inlined('close.unread')[0]
export const cells: Cell[] = same === undefined ? [] : cellsOf(same, 'linux')
export const words: string[] = cells.map((cell) => cell.is + strengthOf(cell))
export const refs: string[] = cells.flatMap(({ evidence }) => evidence.map(({ kind, ref }: Evidence) => kind + ref))
export const data: [Platform | undefined, Rule | undefined, Vector | undefined, Run | undefined] = [
  platforms[0], rules[0], vectors[0], runs[0],
]
for (const vector of vectors) if ('event' in vector) words.push(vector.rule, ...vector.plan)
// @ts-expect-error: a cell has no strength of its own
cells[0]?.strength
// @ts-expect-error: there is no such preset
guard(socket, 'lenient')
const meter: MeterLike = { createCounter: () => ({ add: () => undefined }) }
export const counts = countVerdicts({ meter }).snapshot()
`

test('its types serve a strict consumer whose libraries are checked too', async () => {
  const types = join(bare, 'node_modules/@types')
  mkdirSync(types)
  symlinkSync(resolve('node_modules/@types/node'), join(types, 'node'), 'junction')
  writeFileSync(join(bare, 'consumer.ts'), consumer)
  const compilerOptions = {
    ...{ target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2023', 'esnext.disposable'] },
    ...{ types: ['node'], strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noEmit: true },
  }
  writeFileSync(join(bare, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  await succeed(bare, process.execPath, tsc, '-p', '.')
})

test('its types take a meter of the oldest and of the newest api of OpenTelemetry that is allowed', async () => {
  const scope = join(whole, 'node_modules/@opentelemetry')
  mkdirSync(scope)
  writeFileSync(join(whole, 'consumer-meter.ts'), meterConsumer)
  for (const name of ['api-lowest', 'api']) {
    const link = join(scope, 'api')
    symlinkSync(resolve('node_modules/@opentelemetry', name), link, 'junction')
    const flags = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--noEmit', '--types', 'node']
    const types = ['--typeRoots', resolve('node_modules/@types')]
    await succeed(whole, process.execPath, tsc, ...flags, ...types, 'consumer-meter.ts')
    rmSync(link)
  }
})

test('its types take the connections of Deno', async () => {
  const found = runtimeOf('deno')
  if ('missing' in found) throw new Error(found.missing)
  writeFileSync(join(whole, 'consumer-deno.ts'), denoConsumer)
  await succeed(whole, found.runtime.command[0] ?? '', 'check', '--no-lock', 'consumer-deno.ts')
})

test('its types take the sockets of Bun', async () => {
  const types = join(whole, 'node_modules/@types')
  mkdirSync(types)
  for (const name of ['node', 'bun']) symlinkSync(resolve('node_modules/@types', name), join(types, name), 'junction')
  writeFileSync(join(whole, 'consumer-bun.ts'), bunConsumer)
  const compilerOptions = {
    ...{ target: 'esnext', module: 'esnext', moduleResolution: 'bundler', customConditions: ['bun'] },
    ...{ types: ['bun'], lib: ['esnext'], strict: true, skipLibCheck: true, noEmit: true },
  }
  writeFileSync(join(whole, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer-bun.ts'] }))
  await succeed(whole, process.execPath, tsc, '-p', '.')
})

test.run()
