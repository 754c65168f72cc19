// Tests the package as its users get it: what is in it, that it installs, imports and runs.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readRows, readRules, readVectors } from '../adapters/spec/files.ts'
import { repositoryFiles } from '../scripts/files.ts'
import { npmCommand } from '../scripts/nodes.ts'
import { installed as runtimeOf } from '../scripts/runtimes.ts'
import { bunConsumer, denoConsumer, meterConsumer, unchanged } from './support/package-programs.ts'
import { giveTypes, installed, type Packed, pack, succeed, tarball, temporary } from './support/packed.ts'

type Target = string | { [condition: string]: Target }

interface Manifest {
  version: string
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
  optionalDependencies?: Record<string, string>
  bundleDependencies?: string[]
  exports: Record<string, Target>
}

const tsc = resolve('node_modules/typescript/bin/tsc')
let packed: Packed
let manifest: Manifest
let bare: string
let whole: string

const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.'))
const evaluate = (folder: string, program: string): Promise<string> =>
  succeed(folder, process.execPath, '--input-type=module', '--eval', program)
const npx = (folder: string, ...args: string[]): Promise<string> =>
  succeed(folder, ...npmCommand(), 'exec', '--no', '--', 'finrst', ...args)

test.before(async () => {
  packed = await pack()
  bare = await installed('bare', '--omit=optional')
  manifest = JSON.parse(readFileSync(join(bare, 'node_modules/finrst/package.json'), 'utf8'))
})

test('the package holds what is meant and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  const spec = repositoryFiles().filter((path) => path.startsWith('spec/'))
  const testees = repositoryFiles().filter((path) => path.startsWith('conformance/testees/'))
  const fixed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...spec, ...testees]
  const autos = ['auto-node', 'auto-deno', 'auto-bun']
  const scripts = ['cli', 'core', 'node', 'deno', 'bun', 'spec', ...autos].map((name) => `dist/${name}.js`)
  const built = [...scripts, 'dist/finrst.wasm', 'dist/finrst-pure.wasm', 'dist/finrst.1', 'dist/licences.txt']
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

test('installed for everybody, its command and its manual are linked', async () => {
  const prefix = join(temporary, 'everybody')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--omit=optional']
  await succeed(temporary, ...npmCommand(), 'install', '--global', '--prefix', prefix, ...quiet, tarball)
  const version = await succeed(temporary, join(prefix, 'bin/finrst'), '--version')
  assert.is(version.trim(), JSON.parse(readFileSync('package.json', 'utf8')).version)
  assert.match(readFileSync(join(prefix, 'share/man/man1/finrst.1'), 'utf8'), /^\.Dt FINRST 1$/m)
})

test('it imports and passes a script of its suite with koffi, whose install script nobody needs', async () => {
  whole = await installed('whole', '--ignore-scripts')
  assert.equal(
    visible(join(whole, 'node_modules')).filter((name) => name !== '@koromix'),
    ['finrst', 'koffi'],
  )
  assert.equal(JSON.parse(await evaluate(whole, imports)), imported)
  assert.match(await npx(whole, 'test', 'close-complete'), /^1 passed, 0 failed$/m)
})

const starts = {
  node: ['--import', 'finrst/auto'],
  deno: ['run', '--no-lock', '--no-prompt', '--allow-net', '--allow-ffi', '--preload', 'npm:finrst/auto'],
  bun: ['--preload', 'finrst/auto'],
} as const

for (const name of ['node', 'deno', 'bun'] as const) {
  test(`in ${name} finrst/auto guards a program that does not import it`, async () => {
    const found = name === 'node' ? { runtime: { command: [process.execPath] } } : runtimeOf(name)
    if ('missing' in found) throw new Error(found.missing)
    // Deno finds an installed package by the version that a manifest asks for, which here is none: it was a file.
    const folder = join(temporary, `unchanged-${name}`)
    mkdirSync(folder)
    symlinkSync(join(whole, 'node_modules'), join(folder, 'node_modules'), 'junction')
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { finrst: manifest.version } }))
    writeFileSync(join(folder, 'unchanged.mjs'), unchanged)
    const output = await succeed(folder, found.runtime.command[0] ?? '', ...starts[name], 'unchanged.mjs')
    assert.is(output.trim(), 'ECONNRESET')
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
  const scripts = packed.files.filter(({ path }) =>
    /^dist\/(?:(?:auto-)?(?:node|deno|bun)|core|chunk-[A-Z0-9]+)\.js$/.test(path),
  )
  for (const { path } of scripts) {
    const text = readFileSync(join(bare, 'node_modules/finrst', path), 'utf8')
    assert.not.match(text, /probe \d{4}-\d{2}-\d{2}|schemas\/table-row/, path)
  }
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
  giveTypes(whole, 'node', 'bun')
  writeFileSync(join(whole, 'consumer-bun.ts'), bunConsumer)
  const compilerOptions = {
    ...{ target: 'esnext', module: 'esnext', moduleResolution: 'bundler', customConditions: ['bun'] },
    ...{ types: ['bun'], lib: ['esnext'], strict: true, skipLibCheck: true, noEmit: true },
  }
  writeFileSync(join(whole, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer-bun.ts'] }))
  await succeed(whole, process.execPath, tsc, '-p', '.')
})

test.run()
