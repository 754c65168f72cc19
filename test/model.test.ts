// Tests the promises over every world of the model: simulated kernels that behave as spec/table says, a peer, a network
// that delays, loses and reorders, calls that fail, and the death of the process after any step.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ERROR, STEP } from '../adapters/core/names.js'
import { engine } from '../adapters/core/wasm.js'
import { exploreAll, serveThread, settingsFor } from './model/workers.ts'
import { generator } from './twin/random.ts'

const count = (number: number): string => number.toLocaleString('en-US')

if (!serveThread()) {
  test('no world on any kernel, host or policy breaks a promise', async () => {
    const total = await exploreAll({ ids: [] }, 2)
    const rate = (total.transitions / total.seconds / 1e6).toFixed(1)
    console.log(
      `note: model: ${total.settings} settings, ${count(total.states)} states, ` +
        `${count(total.transitions)} transitions in ${total.seconds.toFixed(1)} s, ${rate} M/s`,
    )
    const cells = [...new Set([...total.unknown.keys()].map((about) => /unless (\S+)/.exec(about)?.[1]))]
    console.log(`note: model: unknown cells on which promises rest: ${cells.sort().join(', ')}`)
    assert.equal(total.broken, [])
    assert.is(total.settings, settingsFor({ ids: [] }).length)
    assert.ok(total.states > total.settings * 1000)
  })

  test('every error of a step is taken alike', () => {
    const { settle } = engine()
    const random = generator(Number(process.env.FINRST_SEED ?? 20261126))
    const errors = Object.values(ERROR).filter((error) => error > 0)
    for (let sample = 0; sample < 100_000; sample += 1) {
      const state = random() & 0x7fffffff
      for (const step of Object.values(STEP)) {
        const [first, ...others] = errors.map((error) => settle(state, step, -error))
        assert.ok(
          others.every((other) => other === first),
          `settle(${state}, ${step}, …) tells errors apart`,
        )
      }
    }
  })

  test.run()
}
