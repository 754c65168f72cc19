// Tests the invariants of spec/README.md over every state that can be reached, with every step failing in turn.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkVector, loadVectors } from '../conformance/vectors.js'
import { everyContext } from './invariants/contexts.ts'
import { Contradiction, explore } from './invariants/explore.ts'
import { type Machine, wasmMachine } from './invariants/machine.ts'
import { mutants } from './invariants/mutants.ts'
import { type Mutant, sourceMachine } from './twin/source.ts'

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

const someContexts = 23

// The first contradiction in every so many contexts.
function contradiction(machine: Machine): string | undefined {
  try {
    everyContext(machine.engine).forEach((context, index) => {
      if (index % someContexts === 0) explore(machine, context)
    })
    return undefined
  } catch (error) {
    if (error instanceof Contradiction) return error.message
    throw error
  }
}

async function wrongVectors(mutant?: Mutant): Promise<string[]> {
  const { subject } = await sourceMachine(mutant)
  return [...loadVectors().values()].flat().flatMap((vector) => {
    const { expected, actual } = checkVector(vector, subject)
    return expected === actual ? [] : [vector.id]
  })
}

test('the source run as JavaScript keeps the invariants and the vectors too', async () => {
  assert.is(contradiction((await sourceMachine()).machine), undefined)
  assert.equal(await wrongVectors(), [])
})

for (const mutant of mutants) {
  test(`caught: ${mutant.title}`, async () => {
    const broken = contradiction((await sourceMachine(mutant)).machine)
    const wrong = await wrongVectors(mutant)
    assert.ok(broken !== undefined || wrong.length > 0, 'neither an invariant nor a vector sees it')
  })
}

test.run()
