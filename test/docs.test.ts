// Tests the generated documents: current, complete, and that every link of every document leads somewhere.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answers, presets } from '../adapters/core/policy.js'
import { cellsOf, groupOf } from '../adapters/spec/cells.js'
import { readPlatforms, readRows, readRules } from '../adapters/spec/files.js'
import type { Platform, Row } from '../adapters/spec/types.js'
import { isGenerated, repositoryFiles } from '../scripts/files.ts'
import { clauseLink, code, plain } from '../scripts/generate/markdown.ts'
import { generateDrawings } from '../scripts/generate/drawings.ts'
import { generatePlatformsDoc, renderPlatformsDoc } from '../scripts/generate/platforms-doc.ts'
import { generateRulesDoc } from '../scripts/generate/rules-doc.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const generated = new Map([...generatePlatformsDoc(), ...(await generateRulesDoc()), ...(await generateDrawings())])
const platformsDoc = read('docs/platforms.md')
const rulesDoc = read('docs/rules.md')

test('the generated documents are current and say what made them', () => {
  const made = ['docs/platforms.md', 'docs/rules.md', 'docs/states.svg', 'docs/preset.svg', 'docs/architecture.svg']
  assert.equal([...generated.keys()], made)
  for (const [path, text] of generated) {
    assert.ok(read(path) === text, `${path} is stale; run npm run generate`)
    assert.ok(isGenerated(text), path)
  }
})

/** The part of a document from an anchor to the next heading. */
const sectionOf = (text: string, id: string): string =>
  text.split(/^(?=#+ )/m).find((part) => part.includes(`<a id="${id}"></a>`)) ?? ''

test('every row has a section with its question, its answers, its cells and their evidence', () => {
  for (const { id, title, question, answers, cells, wire } of readRows()) {
    const section = sectionOf(platformsDoc, id)
    const words = [plain(title), plain(question), ...Object.values(answers).map(plain), ...(wire ?? [])]
    const known = Object.values(cells).flat()
    const refs = known.flatMap(({ evidence, note }) => [...evidence.map(({ ref }) => code(ref)), plain(note ?? '')])
    for (const text of [...words, ...refs, ...Object.keys(cells)]) assert.ok(section.includes(text), `${id}: ${text}`)
  }
})

test('every group has a table with its rows and a cell for every platform', () => {
  const rows = readRows()
  for (const row of rows) {
    const line = sectionOf(platformsDoc, groupOf(row.id))
      .split('\n')
      .find((each) => each.includes(`](#${row.id})`))
    const alike = rows.filter(({ id, of }) => of === row.of && groupOf(id) === groupOf(row.id))
    const columns = new Set(alike.flatMap(({ cells }) => Object.keys(cells)))
    assert.is(line?.split('|').length, 3 + columns.size, row.id)
  }
})

test('every rule is in the table, with its reason and what it rests on', () => {
  for (const { id, why, title, clause, row } of readRules().rules) {
    const line = rulesDoc.split('\n').find((each) => each.includes(`<a id="${id}"></a>`)) ?? ''
    for (const text of [why, title, clause ?? '', row === undefined ? '' : `[${row}](platforms.md#${row})`]) {
      assert.ok(line.includes(plain(text)) || line.includes(text), `${id}: ${text}`)
    }
  }
})

const system = (id: string, row: number): Platform => ({
  ...{ id, name: id, kind: 'os', row, releases: [{ id: '1', name: 'One | two', known: ['run'] }] },
  ...{ constants: {}, errors: { RESET: { name: 'ECONNRESET', value: 54 } } },
})
const rows: Row[] = [
  {
    ...{ id: 'close.odd', title: 'A <b>title</b> | with *signs*', question: 'Is _it_ odd?', noWire: 'no script' },
    answers: { fin: 'a FIN' },
    cells: {
      linux: [
        { is: 'unknown', from: '1', evidence: [] },
        { is: 'fin', until: '0', note: 'A note.', evidence: [{ kind: 'claim', ref: 'a|b', says: 'reset' }] },
      ],
      gvisor: { is: 'fin', evidence: [{ kind: 'run', ref: 'probe' }] },
    },
  },
  {
    ...{ id: 'close.runtime', title: 'Runtimes close', question: 'Do they?', answers: { yes: 'yes' }, of: 'runtime' },
    ...{ wire: ['plain-exit'], cells: { node: { is: 'yes', evidence: [{ kind: 'doc', ref: 'a manual' }] } } },
  },
]
const node: Platform = { id: 'node', name: 'Node', kind: 'runtime', releases: [] }

test('a new platform, a runtime and odd signs find their place', () => {
  const text = renderPlatformsDoc(rows, [system('linux', 1), system('gvisor', 2), node])
  const group = sectionOf(text, 'close').replaceAll('\u00a0', ' ')
  assert.match(group, /^\| close \| linux \| gvisor \|$/m)
  assert.match(group, /^\| \[odd\]\(#close\.odd\) \| \?\\\* \| ● fin \|$/m)
  assert.match(group, /^\| close \| node \|\n.*\n\| \[runtime\]\(#close\.runtime\) \| ◐ yes \|$/m)
  const section = sectionOf(text, 'close.odd').replaceAll('\u00a0', ' ')
  assert.match(section, /close\.odd: A &lt;b\\>title&lt;\/b\\> \\\| with \\\*signs\\\*$/m)
  assert.match(section, /^Is \\_it\\_ odd\?$/m)
  assert.match(section, /^\| linux \| ○ fin \| until 0 \| A note\.<br>claim `a\\\|b`, says reset: does not count \|$/m)
  assert.match(section, /^Unknown: linux\.$/m)
})

/** The cells of a line of a table; a sign that is escaped parts nothing. */
const cellCount = (line: string): number => line.replaceAll('\\|', '').split('|').length - 2

test('every table has as many cells in each line as in its head', () => {
  for (const path of ['docs/platforms.md', 'docs/rules.md']) {
    for (const block of read(path).match(/(?:^\|.*\n)+/gm) ?? []) {
      const lines = block.trimEnd().split('\n')
      for (const line of lines) assert.is(cellCount(line), cellCount(lines[0] ?? ''), `${path}: ${line}`)
    }
  }
})

/** What a document can be linked to at: our own anchors, and those that GitHub makes of headings. */
function anchorsOf(text: string): Set<string> {
  const own = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = '']) => id)
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .replace(/<[^>]*>/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...own, ...headings])
}

/** What links and pictures of a document point to; those of code are none. */
function targetsOf(path: string, text: string): string[] {
  if (path.endsWith('.html')) return [...text.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target = '']) => target)
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]*)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, named]) => inline ?? named ?? '')
}

/** What is wrong with a target on the web, as far as its letters tell: nothing is fetched. */
function wrongAddress(target: string): string | undefined {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined) return 'is no address'
  if (url.protocol !== 'https:') return `is not https`
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(url.hostname)) return 'has no host of the web'
  return undefined
}

/** The links of a document that lead nowhere. */
function deadLinks(path: string, text: string): string[] {
  return targetsOf(path, text).flatMap((target) => {
    if (/^[a-z]+:/.test(target)) {
      const wrong = wrongAddress(target)
      return wrong === undefined ? [] : [`${path}: ${target} ${wrong}`]
    }
    const [file = '', anchor = ''] = target.split('#')
    const to = file === '' ? path : normalize(join(dirname(path), file))
    // The explorer's own script and style are built beside it, and its fragments are situations.
    if (path === 'site/index.html')
      return ['', 'site.js', 'site.css', 'icon.svg'].includes(file) ? [] : [`${path}: ${to}`]
    if (file !== '' && !existsSync(to)) return [`${path}: there is no ${to}`]
    if (!target.includes('#') || anchorsOf(file === '' ? text : read(to)).has(anchor)) return []
    return [`${path}: ${to} has no #${anchor}`]
  })
}

test('every link of every document leads somewhere, and those to the web are well written', () => {
  const anchors = [...platformsDoc.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id)
  assert.is(new Set(anchors).size, anchors.length, 'an anchor is there twice')
  const sample =
    '# A b\n[a](#a-b) [b](#c) [c](rules.md#stale) ![d](no.svg) [e](https://a.example) `[f](#g)` [h]() ' +
    '[i](http://a.example) ' +
    '[j](https://localhost/)\n\n[k]: no.md'
  assert.equal(deadLinks('docs/sample.md', sample), [
    'docs/sample.md: docs/sample.md has no #c',
    'docs/sample.md: there is no docs/no.svg',
    'docs/sample.md: http://a.example is not https',
    'docs/sample.md: https://localhost/ has no host of the web',
    'docs/sample.md: there is no docs/no.md',
  ])
  const documents = repositoryFiles().filter((path) => path.endsWith('.md') || path === 'site/index.html')
  for (const path of ['README.md', 'docs/rules.md', 'embed/rust/README.md', 'examples/README.md', 'site/index.html']) {
    assert.ok(documents.includes(path), path)
  }
  assert.equal(
    documents.flatMap((path) => deadLinks(path, read(path))),
    [],
  )
})

test('no document holds the marks of a merge', () => {
  const marks = (text: string): boolean => /^(?:<{7} |>{7} |={7}$)/m.test(text)
  assert.ok(marks('a\n<<<<<<< ours\nb') && !marks('a table\n=====\n'))
  assert.equal(
    repositoryFiles().filter((path) => path.endsWith('.md') && marks(read(path))),
    [],
  )
})

/** The lines of the tables of a document, as their cells without marks. */
const tableLines = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, line = '']) => line.split(' | ').map((cell) => cell.replaceAll('`', '')))

test('the document of policies tells the answers, defaults and presets that the code has', () => {
  const lines = tableLines(read('docs/policies.md'))
  const names = [...Object.keys(answers), ...Object.keys(presets.compatible)]
  const shownAs: Record<string, string> = {
    onPeerFin: 'as allowHalfOpen',
    confirm: 'acked',
    drainBytes: `${presets.compatible.drainBytes / 2 ** 20} MiB`,
  }
  for (const name of new Set(names)) {
    const value = presets.compatible[name as keyof typeof presets.compatible]
    const number = typeof value === 'number' ? `${value.toLocaleString('en').replaceAll(',', ' ')} ms` : undefined
    const told = lines.find(([first, , reason]) => first === name && reason !== undefined)
    assert.is(told?.[1], shownAs[name] ?? number ?? value, name)
  }
  for (const [name, allowed] of Object.entries(answers)) {
    const row = lines.find(([first]) => first?.startsWith(`${name}:`)) ?? []
    Object.values(presets).forEach((preset, at) => {
      const value = preset[name as keyof typeof preset]
      const told = row[at + 1] ?? ''
      if (allowed.includes(told as never)) assert.is(told, value ?? (name === 'confirm' ? 'acked' : undefined), name)
      else assert.ok(['as the socket', 'the system decides'].includes(told), `${name}: ${told}`)
    })
  }
})

test('the options of calls have the defaults that their types tell', () => {
  const types = ['server-types', 'types'].map((name) => read(`adapters/core/${name}.ts`)).join('\n')
  const interfaces: Record<string, string> = {
    'guardServer()': 'ServerOptions',
    'ServerGuard.close()': 'CloseServerOptions',
    'relay()': 'RelayOptions',
  }
  const options = tableLines(read('docs/policies.md')).filter(([call = '']) => interfaces[call] !== undefined)
  const told = options.map(([call = '', name, value]) => `${interfaces[call]}.${name}: ${value}`)
  const known = Object.values(interfaces).flatMap((name) => {
    const body = new RegExp(`^export interface ${name} \\{$([\\s\\S]*?)^\\}$`, 'm').exec(types)?.[1] ?? ''
    const fields = body.matchAll(/Default(?::)? ([^.;\n`]+)[.;](?:(?!\/\*\*)[\s\S])*?\*\/\n {2}(\w+)\?:/g)
    return [...fields].map(([, value, field]) => `${name}.${field}: ${value}`)
  })
  assert.equal(told, known)
})

test('the cell that CONTRIBUTING.md shows is one of the table', () => {
  const shown = /^ +```json\n([\s\S]*?)^ +```$/m.exec(read('CONTRIBUTING.md'))?.[1] ?? ''
  const row = readRows().find(({ id }) => id === 'linger.timeout')
  for (const [platform, cell] of Object.entries(JSON.parse(`{${shown}}`))) assert.equal(cell, row?.cells[platform])
  assert.match(shown, /"openbsd"/)
})

test('a clause is linked to its section', () => {
  assert.is(
    clauseLink('RFC 9293 3.10.7.4'),
    '[RFC 9293 3.10.7.4](https://www.rfc-editor.org/rfc/rfc9293.html#section-3.10.7.4)',
  )
  assert.is(clauseLink('POSIX close'), 'POSIX close')
})

test('no platform of the data is missing from the document', () => {
  for (const { id, name } of readPlatforms()) {
    assert.match(platformsDoc, new RegExp(`^\\| ${id} \\| ${plain(name).replace(/[()]/g, '\\$&')} \\|`, 'm'))
  }
  const cells = readRows().flatMap((row) => readPlatforms().flatMap(({ id }) => cellsOf(row, id)))
  assert.match(platformsDoc, new RegExp(`^There are ${readRows().length} rows with ${cells.length} cells: `, 'm'))
})

test.run()
