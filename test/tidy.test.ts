// Tests the rules of the house over every file of the repository; each lint is shown a bad sample first.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isGenerated, isVendored, repositoryFiles } from '../scripts/files.ts'

interface File {
  path: string
  text: string
}
type Lint = (files: readonly File[]) => string[]

const isScript = ({ path }: File): boolean => /\.m?ts$|\.mjs$/.test(path)
const isSource = (file: File): boolean => isScript(file) || /\.(?:c|h|go|rs|py|java)$/.test(file.path)
const isWritten = ({ path, text }: File): boolean => !isGenerated(text) && !isVendored(path)
const isDeclaration = ({ path }: File): boolean => path.endsWith('.d.ts')

/** One complaint for each line that a pattern matches. */
function linesThat(files: readonly File[], matches: (line: string) => boolean, complaint: string): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (matches(line) ? [`${path}:${index + 1}: ${complaint}`] : [])),
  )
}

/** Line 1 of a script says what the file does. */
const firstLines: Lint = (files) =>
  files
    .filter(isScript)
    .filter(({ path }) => /^(?:adapters|assembly|bench|conformance|examples|scripts|simulation|site|test)\//.test(path))
    .filter(({ text }) => !/^\/\/ \S+ .*\S/.test(text))
    .map(({ path }) => `${path}:1: is not a comment that says what the file does`)

const columns: Lint = (files) =>
  linesThat(files.filter(isScript).filter(isWritten), (line) => [...line].length > 120, 'is longer than 120 columns')

const lengths: Lint = (files) =>
  files
    .filter(isSource)
    .filter(isWritten)
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 400)
    .map(({ path, lines }) => `${path}: has ${lines} lines, more than 400`)

// The words are put together here so that this file does not contain them.
const openEnd = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3)].join('|')})\\b`)
const openEnds: Lint = (files) => linesThat(files, (line) => openEnd.test(line), 'leaves something open')

const defaultExports: Lint = (files) =>
  linesThat(
    files.filter(isScript).filter((file) => !isDeclaration(file)),
    (line) => /^\s*export default\b|\bas default\b/.test(line),
    'is a default export',
  )

const lonelyTests: Lint = (files) =>
  linesThat(
    files.filter(({ path }) => path.endsWith('.test.ts')),
    (line) => /^\s*\w+\.only\(/.test(line),
    'runs this test alone',
  )

/** A path or a host of the machine that something was written on. */
const machineWord = /(?<![\w.~)}\]*-])\/(?:home|root|work)(?![\w-])|\bregistry\.npm[j]s\b/
const machineWords: Lint = (files) => linesThat(files, (line) => machineWord.test(line), 'names a machine')

/** Kebab case, but for what a tool or a language names otherwise. */
const fileNames = (paths: readonly string[]): string[] => {
  const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/
  const shouted = /^[A-Z]+(?:\.md)?$/
  const ofTheirLanguage: Record<string, RegExp> = {
    '.go': /^[a-z0-9]+(?:_[a-z0-9]+)*\.go$/,
    '.java': /^(?:[A-Z][A-Za-z0-9]*|package-info|module-info)\.java$/,
    '.lock': /^Cargo\.lock$/,
    '.md': /^pull_request_template\.md$/,
    '.py': /^_*[a-z0-9]+(?:_[a-z0-9]+)*_*\.py$/,
    '.rs': /^[a-z0-9]+(?:_[a-z0-9]+)*\.rs$/,
    '.toml': /^Cargo\.toml$/,
    '': /^Makefile$/,
  }
  return paths
    .filter((path) => {
      const name = basename(path)
      return !kebab.test(name) && !shouted.test(name) && !ofTheirLanguage[extname(name)]?.test(name)
    })
    .map((path) => `${path}: is not named in kebab case`)
}

/** Folders that hold one file or one folder and nothing else; where a tool wants it so, it is listed here. */
const onlyChildren = (paths: readonly string[]): string[] => {
  const wanted = ['.ci', '.github', 'embed/java/src']
  const children = new Map<string, Set<string>>()
  for (const path of paths) {
    for (let at = path; dirname(at) !== '.'; at = dirname(at)) {
      const folder = dirname(at)
      children.set(folder, (children.get(folder) ?? new Set()).add(at))
    }
  }
  return [...children]
    .filter(([folder, { size }]) => size === 1 && !wanted.some((one) => `${folder}/`.startsWith(`${one}/`)))
    .map(([folder]) => `${folder}: is a folder with one child`)
}

const bigModules = (sizes: ReadonlyMap<string, number>): string[] =>
  [...sizes]
    .filter(([path, bytes]) => /^embed\/[^/]+\.wasm$/.test(path) && bytes >= 4096)
    .map(([path, bytes]) => `${path}: has ${bytes} bytes, not fewer than 4096`)

const platformNames: Lint = (files) =>
  linesThat(
    files.filter(({ path }) => path === 'assembly/engine.ts'),
    (line) => /linux|macos|darwin|windows|winsock|bsd|illumos|solaris/i.test(line),
    'names a platform',
  )

/** Generated files that the formatter would touch, and files it passes over that nobody generates. */
const formatterGaps = (files: readonly File[], biome: { files: { includes: string[] } }): string[] => {
  const generated = files.filter(isScript).filter((file) => !isWritten(file))
  const passed = biome.files.includes.filter((glob) => /^!\w.*\.ts$/.test(glob)).map((glob) => glob.slice(1))
  const paths = new Set(generated.map(({ path }) => path))
  return [
    ...[...paths].filter((path) => !passed.includes(path)).map((path) => `${path}: biome.json formats it`),
    ...passed.filter((path) => !paths.has(path)).map((path) => `${path}: biome.json passes it over for nothing`),
  ]
}

interface Lock {
  packages: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>
}

/** What the lock file names but does not lock, the packages of other platforms included: `npm ci` refuses it. */
const lockGaps = ({ packages }: Lock): string[] => {
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/'))))
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !locked.has(`node_modules/${name}`))
      .map((name) => `${path}: ${name} is not locked`),
  )
}

/** What `npm run generate` would write in that folder. */
const staleFiles = (root: string): string[] => {
  try {
    execFileSync(process.execPath, ['scripts/run.mjs', 'scripts/generate.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
    return []
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    const stale = [...stdout.matchAll(/^stale: ([^;\n]+)/gm)].map(([, path = '']) => path)
    return stale.length > 0 ? stale : [stdout + stderr]
  }
}

const paths = repositoryFiles()
const binary = new Set(['.wasm', '.png', '.jpg', '.gif', '.jar', '.ico', '.woff2'])
const files: File[] = paths
  .filter((path) => !binary.has(extname(path)))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

/** A sample that a lint must catch, and one that it must let pass. */
function shown(lint: Lint, bad: File, good: File): void {
  assert.is(lint([bad]).length, 1, `lets pass: ${bad.text}`)
  assert.ok(lint([bad])[0]?.startsWith(bad.path))
  assert.equal(lint([good]), [])
}
const sample = (text: string, path = 'scripts/sample.ts'): File => ({ path, text })

test('the repository is found, with and without git', () => {
  for (const path of ['package.json', '.ci/run', 'assembly/engine.ts', 'embed/finrst.wasm']) {
    assert.ok(paths.includes(path), path)
  }
  assert.not.ok(paths.some((path) => path.startsWith('node_modules/') || path.startsWith('dist/')))
  const folder = mkdtempSync(join(tmpdir(), 'finrst-tidy-'))
  for (const path of ['b/c.ts', 'a.ts', 'dist/d.js', 'node_modules/e.js']) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  assert.equal(repositoryFiles(folder), ['a.ts', 'b/c.ts'])
  rmSync(folder, { recursive: true })
})

test('the first line of every script says what it does', () => {
  shown(firstLines, sample("import 'node:fs'\n"), sample('// Says what it does.\n'))
  assert.equal(firstLines(files), [])
})

test('no line is longer than 120 columns', () => {
  shown(columns, sample(`// ${'x'.repeat(118)}`), sample(`// ${'→'.repeat(117)}`))
  assert.equal(columns([sample(`// Generated by a script.\n${'x'.repeat(200)}`)]), [])
  assert.equal(columns(files), [])
})

test('no file has more than 400 lines', () => {
  shown(lengths, sample('a\n'.repeat(401)), sample('a\n'.repeat(400)))
  assert.equal(lengths([sample(`// Generated from data.\n${'a\n'.repeat(500)}`)]), [])
  assert.equal(lengths([sample('a\n'.repeat(500), 'embed/c/wasm/wasm-rt-impl.c')]), [])
  assert.is(lengths([sample('a\n'.repeat(500), 'embed/c/wasm/module.c')]).length, 1)
  assert.equal(lengths(files), [])
})

test('nothing is left open', () => {
  shown(openEnds, sample(`// ${'TO'}${'DO'}: later`), sample('// The folder is made by mkdtemp.'))
  assert.equal(openEnds(files), [])
})

test('there are no default exports', () => {
  shown(defaultExports, sample('export default 1'), sample('export const one = 1'))
  shown(defaultExports, sample('export { one as default }'), sample('export default bytes', 'test/bytes.d.ts'))
  // What is quoted in this file and in a script's text is no export.
  assert.equal(defaultExports(files.filter(({ path }) => path !== 'test/tidy.test.ts')), [])
})

test('no test runs alone', () => {
  const [bad, good] = ['test.only("a", () => 0)', 'test("a", () => 0)'].map((text) => sample(text, 'test/a.test.ts'))
  if (bad && good) shown(lonelyTests, bad, good)
  assert.equal(lonelyTests(files), [])
})

test('no file names the machine it was written on', () => {
  for (const folder of ['home', 'root', 'work']) {
    shown(machineWords, sample(`see ${['', folder, 'a'].join('/')}`), sample(`see https://a.example/${folder}/a`))
  }
  shown(machineWords, sample(`https://${['registry', 'npmjs', 'org'].join('.')}/a`), sample('the npm registry'))
  shown(machineWords, sample(`"${['', 'root'].join('/')}"`, 'a.json'), sample('a/work/b, /workers, ../home'))
  assert.equal(machineWords(files), [])
})

test('files are named in kebab case', () => {
  assert.is(fileNames(['a/bigName.ts', 'a/big_name.ts', 'a/Big.json', 'a/README.txt']).length, 4)
  const good = ['.gitignore', 'a/b-c.test.ts', 'README.md', 'LICENSE', 'shut-rd.late-data.json', 'a_b.py', 'Ab.java']
  assert.equal(fileNames(good), [])
  assert.equal(fileNames(paths), [])
})

test('no folder has one child', () => {
  assert.equal(onlyChildren(['a/b/c.ts', 'a/d.ts', '.ci/run', 'e.ts']), ['a/b: is a folder with one child'])
  assert.equal(onlyChildren(['a/b/c/d.ts', 'a/b/c/e.ts']).length, 2)
  assert.equal(onlyChildren(paths), [])
})

test('the committed modules are smaller than 4096 bytes', () => {
  const sizes = new Map([
    ['embed/a.wasm', 4096],
    ['embed/b.wasm', 4095],
    ['embed/c/d.wasm', 9999],
  ])
  assert.equal(bigModules(sizes), ['embed/a.wasm: has 4096 bytes, not fewer than 4096'])
  const modules = paths.filter((path) => path.endsWith('.wasm'))
  assert.ok(modules.includes('embed/finrst.wasm') && modules.includes('embed/finrst-pure.wasm'))
  assert.equal(bigModules(new Map(modules.map((path) => [path, statSync(path).size]))), [])
})

test('the engine names no platform', () => {
  const [bad, good] = ['if (onFreeBSD) return;', 'if (trait) return;'].map((text) => sample(text, 'assembly/engine.ts'))
  if (bad && good) shown(platformNames, bad, good)
  assert.ok(paths.includes('assembly/engine.ts'))
  assert.equal(platformNames(files), [])
})

test('the formatter passes over what is generated, and nothing else', () => {
  const generated = sample('// Generated by a script.', 'a.ts')
  assert.is(formatterGaps([generated], { files: { includes: ['**/*.ts', '!**/dist', '!b.ts'] } }).length, 2)
  assert.equal(formatterGaps([generated], { files: { includes: ['**/*.ts', '!a.ts'] } }), [])
  assert.equal(formatterGaps(files, JSON.parse(readFileSync('biome.json', 'utf8'))), [])
})

test('the lock file locks the packages of every platform', () => {
  const a = { dependencies: { b: '1' }, optionalDependencies: { '@c/linux': '1', '@c/macos': '1' } }
  const gaps = lockGaps({
    packages: { 'node_modules/a': a, 'node_modules/a/node_modules/b': {}, 'node_modules/@c/linux': {} },
  })
  assert.equal(gaps, ['node_modules/a: @c/macos is not locked'])
  assert.equal(lockGaps(JSON.parse(readFileSync('package-lock.json', 'utf8'))), [])
})

test('generated files are current', () => {
  assert.equal(staleFiles('.'), [])
  const copy = mkdtempSync(join(tmpdir(), 'finrst-stale-'))
  for (const folder of [
    'adapters',
    'assembly',
    'conformance',
    'docs',
    'embed',
    'scripts',
    'simulation',
    'site',
    'spec',
    'test',
  ])
    cpSync(folder, join(copy, folder), { recursive: true })
  for (const path of ['package.json', 'package-lock.json']) cpSync(path, join(copy, path))
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'), 'junction')
  writeFileSync(join(copy, 'assembly/abi.ts'), '// Generated from nothing.\n')
  assert.equal(staleFiles(copy), ['assembly/abi.ts'])
  rmSync(copy, { recursive: true })
})

test.run()
