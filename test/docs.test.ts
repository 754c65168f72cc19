// Tests the generated documents: current, complete, and that every link of every document leads somewhere.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cellsOf, groupOf } from '../adapters/spec/cells.js'
import { readPlatforms, readRows, readRules } from '../adapters/spec/files.js'
import type { Platform, Row } from '../adapters/spec/types.js'
import { isGenerated, repositoryFiles } from '../scripts/files.ts'
import { clauseLink, code, plain } from '../scripts/generate/markdown.ts'
import { generatePlatformsDoc, renderPlatformsDoc } from '../scripts/generate/platforms-doc.ts'
import { generateRulesDoc } from '../scripts/generate/rules-doc.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const generated = new Map([...generatePlatformsDoc(), ...(await generateRulesDoc())])
const platformsDoc = read('docs/platforms.md')
const rulesDoc = read('docs/rules.md')

test('the generated documents are current and say what made them', () => {
  assert.equal([...generated.keys()], ['docs/platforms.md', 'docs/rules.md', 'docs/states.svg'])
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

/** The links of a document that lead nowhere. */
function deadLinks(path: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return []
    const [file = '', anchor] = target.split('#')
    const to = file === '' ? path : normalize(join(dirname(path), file))
    if (file !== '' && !existsSync(to)) return [`${path}: there is no ${to}`]
    if (anchor === undefined || anchorsOf(file === '' ? text : read(to)).has(anchor)) return []
    return [`${path}: ${to} has no #${anchor}`]
  })
}

test('every link of every document leads somewhere', () => {
  const anchors = [...platformsDoc.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id)
  assert.is(new Set(anchors).size, anchors.length, 'an anchor is there twice')
  const sample = '# A b\n[a](#a-b) [b](#c) [c](rules.md#stale) [d](no.md) [e](https://a.example) `[f](#g)`'
  assert.equal(deadLinks('docs/sample.md', sample), [
    'docs/sample.md: docs/sample.md has no #c',
    'docs/sample.md: there is no docs/no.md',
  ])
  const documents = repositoryFiles().filter((path) => path.endsWith('.md'))
  assert.ok(documents.includes('docs/rules.md') && documents.includes('README.md'))
  assert.equal(
    documents.flatMap((path) => deadLinks(path, read(path))),
    [],
  )
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
