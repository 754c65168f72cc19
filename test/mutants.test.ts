// Tests that each of a list of mistakes in the engine is caught by the invariants, the model or a vector.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkVector, loadVectors } from '../conformance/vectors.js'
import { Host } from '../simulation/host.ts'
import { everyContext } from './invariants/contexts.ts'
import { Contradiction, explore } from './invariants/explore.ts'
import type { Machine } from './invariants/machine.ts'
import { mutants } from './invariants/mutants.ts'
import { Broken, explore as exploreWorlds } from './model/explore.ts'
import { everySetting } from './model/settings.ts'
import { type Mutant, sourceMachine } from './twin/source.ts'

const someContexts = 53

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

// Settings of the model that differ much: what each host lacks, with the presets, on two kernels.
const someSettings = /^(linux|netbsd)\/(everything|shared|no duplicate|reset only)\/(compatible|manual)$/

// The first promise that is broken in a few settings of the model.
function brokenPromise(host: Host): string | undefined {
  try {
    for (const setting of everySetting(host.engine)) if (someSettings.test(setting.id)) exploreWorlds(host, setting)
    return undefined
  } catch (error) {
    if (error instanceof Broken) return error.message
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

const sourceHost = async (mutant?: Mutant): Promise<Host> => new Host((await sourceMachine(mutant)).load)

test('the source run as JavaScript keeps the invariants, the promises and the vectors too', async () => {
  assert.is(contradiction((await sourceMachine()).machine), undefined)
  assert.is(brokenPromise(await sourceHost()), undefined)
  assert.equal(await wrongVectors(), [])
})

const caught = { invariants: 0, model: 0, vectors: 0, any: 0 }

for (const mutant of mutants) {
  test(`caught: ${mutant.title}`, async () => {
    const byInvariants = contradiction((await sourceMachine(mutant)).machine) !== undefined
    const byModel = brokenPromise(await sourceHost(mutant)) !== undefined
    const byVectors = (await wrongVectors(mutant)).length > 0
    caught.invariants += Number(byInvariants)
    caught.model += Number(byModel)
    caught.vectors += Number(byVectors)
    assert.ok(byInvariants || byModel || byVectors, 'neither an invariant, nor the model, nor a vector sees it')
    caught.any += 1
  })
}

test.after(() => {
  console.log(
    `\nnote: mutants: ${caught.any} of ${mutants.length} caught: ${caught.invariants} by the invariants, ` +
      `${caught.model} by the model, ${caught.vectors} by a vector`,
  )
})

test.run()
