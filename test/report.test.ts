// Tests reports: each form says what the run came to, takes any text as a text, keeps its bound, and is written whole.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome, Report } from '../adapters/spec/results.js'
import { columnsOf, linesOf } from '../conformance/report/columns.js'
import { htmlOf } from '../conformance/report/html.js'
import { junitOf } from '../conformance/report/junit.js'
import { ladderOf } from '../conformance/report/ladder.js'
import { markdownOf, mostMarkdownBytes } from '../conformance/report/markdown.js'
import { momentsOf } from '../conformance/report/moments.js'
import { parseRuns } from '../conformance/report/read.js'
import { buildCommandLine, finrst, folder, validator, within } from './support/command-line.js'
import { attack, hostileRun, resultOf, runOf } from './support/report-samples.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

const outcomes: Outcome[] = ['pass', 'fail', 'differs', 'new', 'skip', 'xpass']
const mixed = runOf(
  'a-testee',
  outcomes.map((outcome) => resultOf(`${outcome}-one`, outcome)),
)

const isUnshowable = (character: string): boolean => '\u001b\u0000\u0007\u202e\ud800\ufffe\u2028'.includes(character)

interface Element {
  name: string
  attributes: Record<string, string>
  text: string
}

/** The elements of a document; throws if it is not well-formed. */
const elementsOf = (xml: string): Element[] => {
  const elements: Element[] = []
  const open: Element[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: '' }
    elements.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last) last.text += text
  })
  parser.on('closetag', () => open.pop())
  parser.write(xml).close()
  return elements
}

test('JUnit counts failures and skips, and says of what is lawful that it passed', () => {
  const elements = elementsOf(junitOf([mixed, mixed]))
  const named = (name: string): Element[] => elements.filter((element) => element.name === name)
  assert.is(named('testsuite').length, 2)
  const [suite] = named('testsuite')
  assert.equal([suite?.attributes.tests, suite?.attributes.failures, suite?.attributes.skipped], ['6', '2', '1'])
  assert.equal([named('testcase').length, named('failure').length, named('skipped').length], [12, 4, 2])
  assert.match(named('failure')[0]?.text ?? '', /^must: a must\nexpected: line 5: > eof\nactual: the peer saw reset\n/)
  assert.equal(
    named('system-out').map(({ text }) => text.split(':', 1)[0]),
    ['differs', 'new', 'differs', 'new'],
  )
})

test('JUnit stays well-formed whatever a testee writes, and loses nothing that can be written', () => {
  const elements = elementsOf(junitOf([hostileRun()]))
  assert.is(elements.filter(({ name }) => name === 'testcase').length, 6)
  const failure = elements.find(({ name }) => name === 'failure')
  assert.ok(failure?.text.includes('</script><script>'))
  assert.ok(failure?.attributes.message?.includes('\\u{1b}[31m\\u{0}\\u{7}\\u{202e}\\u{d800} \\u{fffe}'))
  assert.ok(failure?.attributes.message?.includes('\n\n'), 'a newline in an attribute')
})

test('the comment begins with the counts and folds each failure', () => {
  const text = markdownOf([mixed])
  assert.match(text, /^### ❌ finrst: 1 passed, 1 failed, 1 passed unexpectedly, 1 differ, 1 new, 1 skipped\n/)
  assert.match(text, /^<details><summary>❌ <code>fail-one<\/code>/m)
  assert.match(text, /<dt>actual<\/dt><dd><code>the peer saw reset<\/code>/)
  assert.match(text, /^- ⚪ 1: <code>needs abort<\/code>$/m)
  assert.match(markdownOf([runOf('fine', [resultOf('a', 'pass')])]), /^### ✅ finrst: 1 passed, 0 failed\n/)
})

/** The comment without what is meant to be markup, and without what stands in <pre>, where a mark is only a mark. */
const withoutMarkup = (text: string): string =>
  text
    .replace(/<pre>[^<>]*<\/pre>/g, '')
    .replace(/<\/?(?:details|summary|code|dl|dt|dd|pre)>/g, '')
    .replace(/&(?:#\d+|amp|lt|gt|quot);/g, '')

test('in the comment nothing of a testee is markup, a link, a mention, or the end of a block', () => {
  const text = markdownOf([hostileRun()])
  const foreign = withoutMarkup(text).replace(/^(?:### |\| |\|)/gm, '')
  assert.not.match(foreign, /<|javascript:|@|http:/)
  assert.equal([...text].filter(isUnshowable), [])
  for (const block of text.match(/<details>[\s\S]*?<\/details>/g) ?? []) assert.not.match(block, /\n\s*\n/)
  assert.is(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length)
})

test('the comment never has more than 65 536 bytes, and says what it left out', () => {
  const many = (count: number): Report =>
    runOf(
      'x',
      Array.from({ length: count }, (_, index) => resultOf(`fails-${index}`, 'fail')),
    )
  const some = markdownOf([many(100)])
  assert.ok(Buffer.byteLength(some) <= mostMarkdownBytes)
  assert.is(some.match(/<code>fails-\d+</g)?.length, 100, 'every failure is named')
  const whole = some.match(/<details>/g)?.length ?? 0
  assert.ok(whole > 20 && whole < 100, `${whole} in full`)
  const all = markdownOf([many(5000)])
  assert.ok(Buffer.byteLength(all) <= mostMarkdownBytes)
  const [, left] = /and (\d+) more that have no room here/.exec(all) ?? []
  assert.is(Number(left) + (all.match(/<code>fails-\d+</g)?.length ?? 0), 5000)
  const wide = markdownOf(Array.from({ length: 300 }, () => hostileRun()))
  assert.ok(Buffer.byteLength(wide) <= mostMarkdownBytes)
})

test('a ladder pairs calls with their answers and draws what arrived', () => {
  const [fail] = mixed.results.slice(1)
  const moments = momentsOf(fail?.trace ?? [])
  assert.equal(
    moments.map(({ side, text, until, arrived, line }) => [side, text, until, arrived, line]),
    [
      ['us', 'open guard=none', 30, undefined, '4'],
      ['peer', 'connect port=4000', 31, undefined, '4'],
      ['peer', 'reads 1000 bytes', undefined, '1000 bytes', '5'],
      ['peer', 'reads ECONNRESET', undefined, 'RST', '5'],
      ['us', 'reads end of file', undefined, 'FIN', '5'],
    ],
  )
  const heights = [...ladderOf(fail?.trace ?? []).matchAll(/class="time" x="52" y="(\d+)"/g)].map(([, y]) => Number(y))
  assert.equal(
    heights,
    [...heights].sort((a, b) => a - b),
  )
  assert.is(ladderOf([]), '')
})

test('the page has a cell and a section for each check of each run, and policy against all else', () => {
  const other = runOf('b-testee', [resultOf('fail-one', 'pass'), resultOf('only-b', 'pass')], 'freebsd')
  const page = htmlOf([mixed, other])
  const links = [...page.matchAll(/href="#([AB]-wire-[a-z-]+)"/g)].map(([, id]) => id)
  assert.equal(
    links.sort(),
    ['A', 'B']
      .flatMap((key) => {
        const ids = key === 'A' ? outcomes.map((outcome) => `${outcome}-one`) : ['fail-one', 'only-b']
        return ids.map((id) => `${key}-wire-${id}`)
      })
      .sort(),
  )
  for (const id of links) assert.ok(page.includes(`id="${id}"`), id)
  assert.is(page.match(/<svg role="img"/g)?.length, 8)
  assert.match(page, /default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[A-Za-z0-9+/]{43}='/)
  assert.match(page, /<span class="here"> {2}5 {2}&gt; eof<\/span>/)
  assert.is(page.match(/<td><span class="dim">not run/g)?.length, 6)
})

test('in the page every text of a run is a text', () => {
  const page = htmlOf([hostileRun()])
  assert.is(page.match(/<script/g)?.length, 1)
  assert.is(page.match(/<img|<style/g)?.length, 1)
  assert.not.match(page, /onerror="/)
  assert.equal([...page].filter(isUnshowable), [])
  // What stands in quotes cannot end them.
  assert.is(elementsOf(ladderOf(hostileRun().results[0]?.trace ?? [])).filter(({ name }) => name === 'svg').length, 1)
})

test('runs of many files become columns, and a check keeps its column', () => {
  const columns = columnsOf([runOf('a', [resultOf('x', 'pass')]), runOf('b', [resultOf('y', 'fail')])])
  const lines = linesOf(columns)
  assert.equal(
    lines.map(({ id, cells }) => [id, ...cells.map((cell) => cell?.outcome)]),
    [
      ['x', 'pass', undefined],
      ['y', undefined, 'fail'],
    ],
  )
  assert.equal(
    columnsOf(Array.from({ length: 28 }, () => mixed))
      .map(({ key }) => key)
      .slice(25),
    ['Z', 'AA', 'AB'],
  )
})

const mistakes: [what: string, text: string, words: RegExp][] = [
  ['no JSON', '{', /^a\.json is no report of a run: /],
  ['another object', '{"a":1}', /it must be what finrst test --json wrote/],
  ['another version', JSON.stringify({ ...mixed, report: 2 }), /it\.report must be 1, .*, not 2/],
  ['a merge without runs', '{"merged":1}', /runs must be a list, not nothing/],
  ['a merge of another version', '{"merged":2,"runs":[]}', /merged must be 1/],
  [
    'an unknown outcome',
    JSON.stringify({ ...mixed, results: [resultOf('a', 'odd' as 'pass')] }),
    /results\[0\]\.outcome/,
  ],
  [
    'a text that is none',
    JSON.stringify({ ...mixed, results: [{ ...mixed.results[0], row: 5 }] }),
    /\.row must be a text/,
  ],
  ['a trace that is none', JSON.stringify({ ...mixed, results: [{ ...mixed.results[0], trace: [1] }] }), /trace\[0\]/],
  ['a time that is none', JSON.stringify({ ...mixed, results: [resultOf('a', 'pass', { ms: -1 })] }), /\.ms must be/],
  ['a testee that is none', JSON.stringify({ ...mixed, testee: [] }), /it\.testee must be an object/],
]

for (const [what, text, told] of mistakes) {
  test(`${what} is refused with its place`, () => {
    assert.throws(() => parseRuns('a.json', text), told)
  })
}

test(
  'one run writes every form, and the merge of its report is itself',
  within(async () => {
    const at = (name: string): string => join(folder, name)
    const forms = ['json', 'junit', 'markdown', 'html'].flatMap((form) => [`--${form}`, at(`run.${form}`)])
    const { code, out } = await finrst('test', 'plain-exit', 'close-flushes-unread*', 'plain-destroy', ...forms)
    assert.is(code, 2, out)
    const ran = await finrst('test', 'plain-exit', 'plain-destroy', ...forms)
    assert.is(ran.code, 0, ran.errors)
    assert.match(ran.out, /^2 passed, 0 failed$/m)
    const report = JSON.parse(readFileSync(at('run.json'), 'utf8')) as Report
    assert.match(report.results[0]?.script ?? '', /^title: /)
    assert.match(readFileSync(at('run.html'), 'utf8'), /id="A-wire-plain-exit"/)
    assert.match(readFileSync(at('run.markdown'), 'utf8'), /finrst: 2 passed, 0 failed/)
    assert.is(elementsOf(readFileSync(at('run.junit'), 'utf8')).filter(({ name }) => name === 'testcase').length, 2)
    assert.equal(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    )

    const again = await finrst('report', at('run.json'), '--json', '-')
    assert.equal(JSON.parse(again.out), report)
    const merged = await finrst('report', at('run.json'), at('run.json'), '--json', at('merged.json'))
    assert.is(merged.code, 0)
    const valid = validator('merged-report.schema.json', 'report.schema.json')
    assert.ok(valid(JSON.parse(readFileSync(at('merged.json'), 'utf8'))), JSON.stringify(valid.errors))
    const text = await finrst('report', at('merged.json'))
    assert.match(text.out, /^A {2}linux.*\n2 passed, 0 failed\n\nB {2}/m)
    assert.match(text.out, /\n4 passed, 0 failed\n$/)
  }),
)

test(
  'a report that cannot be written gives 3 and a sentence before anything runs',
  within(async () => {
    const nowhere = await finrst('test', 'plain-exit', '--json', join(folder, 'no', 'such.json'))
    assert.is(nowhere.code, 3)
    assert.match(nowhere.errors, /^finrst: the report cannot be written to .*: there is no such folder \(ENOENT\)\n$/)
    assert.is(nowhere.out, '')
    mkdirSync(join(folder, 'taken'))
    const taken = await finrst('test', 'plain-exit', '--html', join(folder, 'taken'))
    assert.is(taken.code, 3)
    assert.match(taken.errors, /it is a folder \(EISDIR\)/)
    const twice = await finrst('test', 'plain-exit', '--html', '-', '--json', '-')
    assert.is(twice.code, 2)
    assert.match(twice.errors, /two reports cannot both go to -/)
    const strange = join(folder, 'strange.json')
    writeFileSync(strange, '[]')
    const refused = await finrst('report', strange, '--html', join(folder, 'x.html'))
    assert.is(refused.code, 2)
    assert.match(refused.errors, /is no report of a run/)
    assert.is((await finrst('report', join(folder, 'absent.json'))).code, 2)
  }),
)

test(
  'what a testee writes does not reach the terminal as it is',
  within(async () => {
    const file = join(folder, 'hostile.json')
    writeFileSync(file, JSON.stringify(hostileRun()))
    const { code, out } = await finrst('report', file, '--verbose')
    assert.is(code, 1)
    assert.ok(attack.includes('\u001b'))
    assert.equal([...out].filter(isUnshowable), [])
  }),
)

test.run()
