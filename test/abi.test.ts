// Tests the committed Wasm itself: its bytes, its imports and exports, and that any Wasm 1.0 engine takes it.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ABI_VERSION } from '../assembly/abi.ts'
import { readModule } from './wasm-sections.ts'

const mostBytes = 4096
const functions = [
  'buffer',
  'certainty',
  'column',
  'decide',
  'decodeLinger',
  'encodeLinger',
  'enter',
  'normalise',
  'settle',
  'version',
]
const imports = ['close', 'disconnect', 'request', 'setsockopt', 'shutdown']
const modules = [
  { file: 'embed/finrst.wasm', imports, exports: [...functions, 'on', 'setLinger'] },
  { file: 'embed/finrst-pure.wasm', imports: [], exports: functions },
]
const bytesOf = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(file))

test('the committed Wasm is what its source builds', () => {
  execFileSync(process.execPath, ['scripts/run.mjs', 'scripts/build.ts', '--wasm', '--check'], { stdio: 'pipe' })
  for (const { file } of modules) {
    assert.ok(readFileSync(file).equals(readFileSync(file.replace('embed/', 'build/'))), file)
  }
})

for (const { file, imports, exports } of modules) {
  test(`${file} is smaller than ${mostBytes} bytes`, () => {
    assert.ok(bytesOf(file).length < mostBytes, `${bytesOf(file).length} bytes`)
  })

  test(`${file} imports and exports exactly what spec/README.md says`, () => {
    const module = new WebAssembly.Module(bytesOf(file))
    const sorted = (list: { name: string }[]): unknown[] => list.sort((a, b) => (a.name < b.name ? -1 : 1))
    assert.equal(
      sorted(WebAssembly.Module.imports(module)),
      imports.map((name) => ({ module: 'host', name, kind: 'function' })),
    )
    assert.equal(
      sorted(WebAssembly.Module.exports(module)),
      sorted([...exports.map((name) => ({ name, kind: 'function' })), { name: 'memory', kind: 'memory' }]),
    )
  })

  test(`${file} has the sections of Wasm 1.0 and none that an engine may refuse`, () => {
    const { sections } = readModule(bytesOf(file))
    const allowed = ['type', 'import', 'function', 'memory', 'global', 'export', 'code', 'data']
    assert.equal(
      sections.filter((name) => !allowed.includes(name)),
      [],
    )
    assert.equal(
      sections.filter((name, index) => sections.indexOf(name) !== index),
      [],
    )
  })

  test(`${file} has one page of memory, no global that changes and only i32`, () => {
    const { memories, mutableGlobals, types } = readModule(bytesOf(file))
    assert.equal(memories, [{ least: 1, most: 1 }])
    assert.is(mutableGlobals, 0)
    assert.equal(
      types.filter((type) => type !== 'i32'),
      [],
    )
  })

  test(`${file} uses only instructions of Wasm 1.0`, () => {
    const { opcodes, functions: bodies } = readModule(bytesOf(file))
    assert.ok(bodies > 20)
    assert.equal(
      [...opcodes].filter((opcode) => opcode > 0xbf),
      [],
    )
  })

  test(`${file} speaks the version of the numbers in spec/abi.json`, () => {
    const host = Object.fromEntries(imports.map((name) => [name, () => 0]))
    const { exports: engine } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(file)), { host })
    assert.is((engine.version as () => number)(), ABI_VERSION)
    const abi = JSON.parse(readFileSync('spec/abi.json', 'utf8')) as { version: number }
    assert.is(abi.version, ABI_VERSION)
  })
}

function call(exports: WebAssembly.Exports | undefined, name: string, words: readonly number[]): number {
  const exported = exports?.[name]
  if (typeof exported !== 'function') throw new Error(`there is no export ${name}`)
  return exported(...words)
}

test('the two modules decide alike', () => {
  const [whole, pure] = modules.map(({ file, imports }) => {
    const host = Object.fromEntries(imports.map((name) => [name, () => 0]))
    return new WebAssembly.Instance(new WebAssembly.Module(bytesOf(file)), { host }).exports
  })
  for (let word = 0; word < 200_000; word += 1) {
    const words = [
      (word * 2654435761) & 0x7fffffff,
      (word * 40503) & 0xff,
      1 + (word % 18),
      (word * 7919) & 0xffff,
    ] as const
    for (const name of ['decide', 'enter']) {
      const [ours, theirs] = [whole, pure].map((module) => call(module, name, words))
      if (ours !== theirs) assert.unreachable(`${name}(${words.join(', ')}): ${ours} and ${theirs}`)
    }
  }
})

test('an instance keeps no state between events', () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf('embed/finrst-pure.wasm')))
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer)
  const before = memory.slice()
  for (let event = 1; event <= 18; event += 1) (exports.enter as (...words: number[]) => number)(1, 1, event, 0)
  assert.equal(memory, before)
})

test.run()
