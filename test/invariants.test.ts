// Tests the invariants of spec/README.md over every state that can be reached, with every step failing in turn.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { everyContext } from './invariants/contexts.ts'
import { explore } from './invariants/explore.ts'
import { wasmMachine } from './invariants/machine.ts'

test('no state that can be reached breaks an invariant', () => {
  const machine = wasmMachine()
  const contexts = everyContext(machine.engine)
  const began = performance.now()
  let [states, transitions] = [0, 0]
  for (const context of contexts) {
    const explored = explore(machine, context)
    states += explored.states
    transitions += explored.transitions
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `note: invariants: ${contexts.length} contexts, ${states} states, ${transitions} transitions in ${seconds} s`,
  )
  assert.ok(states > contexts.length * 10)
})

test.run()
