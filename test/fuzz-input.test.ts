// Tests that whatever is read from outside is read or refused in words, and nothing hangs or falls over: wire scripts,
// reports of runs, log lines, names of rows, command lines and the files of spec/, each with random changes.
// FINRST_SAMPLES sets how many texts there are for each, FINRST_SEED which.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readRows } from '../adapters/spec/files.js'
import { parseAddress } from '../conformance/audit/audit.js'
import { readAnswers } from '../conformance/audit/http.js'
import { showRule } from '../conformance/explain.js'
import { ScriptError } from '../conformance/header.js'
import { splitCommand } from '../conformance/line-process.js'
import { translate } from '../conformance/packetdrill/translate.js'
import { htmlOf } from '../conformance/report/html.js'
import { junitOf } from '../conformance/report/junit.js'
import { markdownOf } from '../conformance/report/markdown.js'
import { parseRuns } from '../conformance/report/read.js'
import { UsageError } from '../conformance/result.js'
import { parseScript } from '../conformance/script.js'
import { showResults } from '../conformance/show.js'
import { showTable } from '../conformance/table-view.js'
import { fact } from './support/deadline.js'
import { mutated, mutatedJson, type Next, oneOf, randomText, steers } from './support/mutate.js'
import { resultOf, runOf } from './support/report-samples.js'
import { seedOf } from './support/seed.js'
import { generator } from './twin/random.ts'

const all = Math.ceil(Number(process.env.FINRST_SAMPLES ?? 100_000) / 100)
/** Of what reads all of spec/ each time. */
const few = Math.ceil(all / 25)
const seed = seedOf()
const ms = 60_000 + all * 30

/** Reads so many texts; what is refused must be refused by an error of this kind, in words that say something. */
const fuzz = (
  name: string,
  text: (next: Next) => string,
  read: (text: string, next: Next) => void,
  refusal: new (...values: never[]) => Error = UsageError,
  samples = all,
): void =>
  fact(
    `${samples} random texts are read or refused: ${name}`,
    () => {
      const next = generator(seed + name.length)
      let refused = 0
      const began = performance.now()
      for (let sample = 0; sample < samples; sample += 1) {
        const typed = text(next)
        try {
          read(typed, next)
        } catch (error) {
          const clear = error instanceof refusal && error.message.trim().length > 10
          if (!clear)
            throw new Error(`seed ${seed}: ${JSON.stringify(typed.slice(0, 2000))}: ${(error as Error).stack}`)
          refused += 1
        }
      }
      console.log(
        `\nnote: ${name}: ${samples} texts, ${refused} refused, ` +
          `${Math.round(performance.now() - began)} ms, seed ${seed}`,
      )
    },
    ms,
  )

// ---- Wire scripts -------------------------------------------------------------------------------------------------

const scripts = readdirSync('spec/wire')
  .filter((file) => file.endsWith('.wire'))
  .map((file) => ({ id: file.slice(0, -'.wire'.length), source: readFileSync(join('spec/wire', file), 'utf8') }))
const rows = new Map(readRows().map((row) => [row.id, Object.keys(row.answers)]))

fuzz(
  'wire scripts',
  (next) => {
    const { id, source } = oneOf(next, scripts)
    return `${id}\u0000${mutated(source, next)}`
  },
  (typed) => {
    const [id = '', ...rest] = typed.split('\u0000')
    const script = parseScript(id, rest.join('\u0000'), (row) => rows.get(row))
    if (script.guard === 'system') translate(script, Object.fromEntries([...'abc'].map((it) => [it, '0'])), 'nowhere')
  },
  ScriptError,
)

// ---- Reports of runs ----------------------------------------------------------------------------------------------

const report = JSON.stringify(
  runOf('testee', [resultOf('close-it', 'pass'), resultOf('fail-it', 'fail'), resultOf('skip-it', 'skip')]),
  undefined,
  1,
)

fuzz(
  'reports of runs, and what is shown of them',
  (next) => (next() & 1 ? mutated(report, next) : mutatedJson(report, next)),
  (typed) => {
    const runs = parseRuns('a.json', typed)
    const page = htmlOf(runs)
    assert.is(page.match(/<script/gi)?.length, 1)
    const forms = [page, junitOf(runs), markdownOf(runs), ...runs.map((it) => showResults(it.results, true))]
    assert.equal(forms.filter(steers), [])
  },
)

// ---- What is typed ------------------------------------------------------------------------------------------------

const line =
  'FINRST 7: event=FLUSHED facts=UNACKED rule=flushed-sends-fin steps=DISARM,SHUT_WRITE context=17 state=2 → 3'

fuzz(
  'lines that finrst explain explains',
  (next) => mutated(line, next),
  (typed) => assert.not(steers(showRule(typed))),
  UsageError,
  few,
)
fuzz(
  'names that finrst table shows',
  (next) => mutated('close.unread', next),
  (typed) => assert.not(steers(showTable(typed))),
  UsageError,
  few,
)
fuzz(
  'platforms',
  (next) => mutated('linux,macos', next),
  (typed) => void showTable('close.unread', [typed]),
  UsageError,
  few,
)
fuzz(
  'addresses that finrst audit connects to',
  (next) => mutated('localhost:8080', next),
  (it) => void parseAddress(it),
)
fuzz(
  'command lines of testees',
  (next) => mutated('python3 "a b.py" --x \'y\'', next),
  (typed) => {
    for (const word of splitCommand(typed)) assert.type(word, 'string')
  },
)
fuzz(
  'answers of a server that is audited',
  (next) => mutated('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No\r\n\r\n', next),
  (typed, next) => void readAnswers(Buffer.from(typed, next() & 1 ? 'utf8' : 'latin1'), ['GET', 'HEAD']),
)
fuzz(
  'noise',
  (next) => randomText(next, 2000),
  (typed) => void parseRuns('noise', typed),
)

// ---- The files of spec/ -------------------------------------------------------------------------------------------

fuzz(
  'files of spec/table',
  (next) => mutated(readFileSync('spec/table/close.unread.json', 'utf8'), next),
  (typed) => {
    const root = mkdtempSync(join('build', 'test', 'spec-'))
    try {
      mkdirSync(join(root, 'spec', 'table'), { recursive: true })
      writeFileSync(join(root, 'spec', 'table', 'close.unread.json'), typed)
      readRows(root)
    } catch (error) {
      assert.match((error as Error).message, /close\.unread\.json/)
      throw error
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
  Error,
)

test.run()
