// Reports of runs for tests: small ones of every outcome, and one in which every text is an attack.
import type { Outcome, Report, Result } from '../../adapters/spec/results.js'
import { summarise } from '../../conformance/result.js'

const words: Readonly<Record<Outcome, Partial<Result>>> = {
  pass: { answer: 'reset', values: { end: 'ECONNRESET' } },
  fail: { must: 'a must', expected: 'line 5: > eof', actual: 'the peer saw reset', repeat: 'finrst test x' },
  differs: { must: 'a must', expected: 'the answer fin', actual: 'the answer reset', reason: 'another answer' },
  new: { reason: 'the table does not know' },
  skip: { reason: 'needs abort' },
  xpass: { reason: 'passes, although it is marked' },
}

const trace: Result['trace'] = [
  { ms: 1, from: 'script', text: '4: $ open' },
  { ms: 1, from: 'to-testee', text: '{"do":"open","guard":"none"}' },
  { ms: 30, from: 'testee', text: '{"ok":true,"host":"127.0.0.1","port":4000}' },
  { ms: 30.1, from: 'to-peer', text: '{"do":"connect","host":"127.0.0.1","port":4000}' },
  { ms: 31, from: 'peer', text: '{"ok":true}' },
  { ms: 31.5, from: 'script', text: '5: > eof' },
  { ms: 40, from: 'peer', text: '{"saw":"data","bytes":1000,"ok":true}' },
  { ms: 40.2, from: 'peer', text: '{"saw":"reset","code":"ECONNRESET"}' },
  { ms: 41, from: 'testee', text: '{"event":"eof"}' },
]

/** A result of that outcome. */
export const resultOf = (id: string, outcome: Outcome, more: Partial<Result> = {}): Result => ({
  ...{ id, kind: 'wire', title: `The fact of ${id}`, outcome, level: 'peer', ms: 41, trace },
  ...{ script: 'title: A fact\nguard: none\n\n$ open\n> eof\n', ...words[outcome], ...more },
})

/** A run with these results. */
export const runOf = (testee: string, results: Result[], platform = 'linux'): Report => ({
  report: 1,
  finrst: '0.1.0',
  started: '2026-11-26T10:00:00.000Z',
  testee: { testee, version: '1', platform, runtime: 'node v20', capabilities: {} },
  summary: summarise(results),
  results,
})

/** What a testee could write to break a page, a file of XML, a comment or a terminal. */
export const attack = [
  `</script><script>document.title='taken'</script><img src=x onerror="document.title='taken'">`,
  '</title></style></pre></details> ]]> <!-- --> &amp; &lt; " \' `code` **bold** | [a](javascript:alert(1)) @you #1',
  '\u001b[31m\u0000\u0007\u202e\ud800 \ufffe \u2028 http://example.invalid/ ~~~ ``` \\',
].join('\n\n')

/** A run in which every text is the attack. */
export const hostileRun = (): Report => {
  const texts = { title: attack, reason: attack, must: attack, expected: attack, actual: attack, repeat: attack }
  const said = trace.map((line) => ({ ...line, text: attack }))
  const reply = { ms: 50, from: 'testee', text: JSON.stringify({ event: attack, error: attack }) } as const
  const more = { ...texts, row: attack, answer: attack, clause: attack, script: attack, trace: [...said, reply] }
  const results = (Object.keys(words) as Outcome[]).map((outcome) => resultOf(`${outcome} ${attack}`, outcome, more))
  const run = runOf(attack, results, attack)
  const system = { system: attack, platform: attack, release: attack, arch: attack, can: true, why: attack }
  return { ...run, finrst: attack, started: attack, system }
}
