// Tests the short form of the crash loop on every runtime that is installed, and that it notices what it is for.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { loopInMarkdown } from '../scripts/crash-loop.ts'
import { installed, type Runtime } from '../scripts/runtimes.ts'
import { crashLoop, faultsOfLoop, type LoopCounts } from './crash/loop.ts'
import { fact, factIf } from './support/deadline.js'

const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }
const others = (['deno', 'bun'] as const).map((name) => installed(name))
const runtimes = [here, ...others.flatMap((found) => ('runtime' in found ? [found.runtime] : []))]
for (const found of others) if ('missing' in found) factIf(found.missing, 'its crash loop', () => undefined)

const noCalls = backend().name === 'none' && 'no system calls'
const brief = { kills: 4, ends: 4, bytes: 5_000_000, lanes: 2, seed: 4 }

for (const runtime of runtimes) {
  factIf(
    noCalls,
    `killed at any moment of an answer, a program under ${runtime.name} leaves no end of file behind a part of it`,
    async () => {
      const result = await crashLoop(runtime, brief)
      assert.equal(faultsOfLoop(result), [])
      assert.is(result.killed.trials, brief.kills)
      assert.is(result.ended.whole, brief.ends)
    },
    240_000,
  )
}

fact(
  'the harm: unguarded, a part of the answer ends with end of file',
  async () => {
    const { killed } = await crashLoop(here, { ...brief, kills: 12, ends: 0, bare: true })
    assert.ok(killed.cut > 0, JSON.stringify(killed))
    assert.is(killed.reset, 0)
    assert.match(faultsOfLoop({ killed, ended: killed }).join(), /end of file behind a part of the answer/)
  },
  240_000,
)

fact('everything that breaks the promise is told', () => {
  const good: LoopCounts = { trials: 2, reset: 1, whole: 1, cut: 0, open: 0, altered: 0, partly: [1, 2] }
  const whole: LoopCounts = { ...good, reset: 0, whole: 2 }
  assert.equal(faultsOfLoop({ killed: good, ended: whole }), [])
  assert.is(faultsOfLoop({ killed: { ...good, cut: 1, open: 1, altered: 1 }, ended: good }).length, 4)
  const result = { runtime: { name: 'node', version: '20.0.0' }, seed: 1, bytes: 9, seconds: 1 }
  const text = loopInMarkdown([{ ...result, killed: good, ended: whole }])
  assert.match(text, /\| node 20\.0\.0 \| SIGKILL \| 2 \| 1 \| 1 \| 0 \| 0 \| 0 \| 1 … 2 \|/)
})

test.run()
