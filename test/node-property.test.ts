// Tests that nothing a peer sends or an owner does makes a guard throw, leak or lie: random sequences of both, beside a
// model of what may follow. FINRST_RUNS sets how many there are, FINRST_SEED which.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fact, isVariant, throughBackend } from './support/deadline.js'
import { cannotCount } from './support/descriptors.js'
import type { Expectation } from './support/expectation.js'
import { emitted, pair } from './support/pair.js'
import { seedOf } from './support/seed.js'
import { begin, end, judge, type StepName, steps, type World, withWorld } from './support/world.js'

const runs = Number(process.env.FINRST_RUNS ?? 4) * 50
const seed = seedOf()

/** One step as a command, which a shrinking search can leave out. */
class Command implements fc.AsyncCommand<Expectation, World> {
  constructor(
    readonly name: StepName,
    readonly bytes: number,
    readonly tick: boolean,
  ) {}

  check = (): boolean => true

  async run(_: Expectation, world: World): Promise<void> {
    steps[this.name](world, this.bytes)
    if (this.tick) await new Promise((resolve) => setImmediate(resolve))
  }

  toString = (): string => `${this.name} ${this.bytes}${this.tick ? ' …' : ''}`
}

const names = Object.keys(steps) as StepName[]
const size = fc.oneof(fc.nat(10), fc.nat(100_000), fc.nat(12_000_000))
const ofName = (name: StepName): fc.Arbitrary<Command> =>
  fc.tuple(size, fc.boolean()).map(([bytes, tick]) => new Command(name, bytes, tick))
const sequences = fc.commands([...names, ...Array<StepName>(4).fill('write')].map(ofName), { maxCommands: 8 })

const anyPolicy = fc.oneof(
  fc.constantFrom<{ preset: 'compatible' | 'strict' }>({ preset: 'compatible' }, { preset: 'strict' }),
  fc.record(
    {
      preset: fc.constantFrom('compatible' as const, 'strict' as const),
      onDrop: fc.constantFrom('close' as const, 'abort' as const),
      onFailure: fc.constantFrom('close' as const, 'abort' as const),
      onPeerFin: fc.constantFrom('keep' as const, 'close' as const),
      onUnread: fc.constantFrom('drain' as const, 'abort' as const),
      onDeadline: fc.constantFrom('abort' as const, 'detach' as const),
      confirm: fc.constantFrom('none' as const, 'kernel' as const, 'acked' as const, 'peer' as const),
      drainBytes: fc.nat(100_000),
    },
    { requiredKeys: [] },
  ),
)

const property = async (): Promise<void> => {
  // What the runtime opens with its first server it keeps: that is no leak.
  const { socket, other } = await pair()
  await Promise.all([socket, other].map((it) => emitted(it.destroy(), 'close')))
  const faults: unknown[] = []
  const note = (fault: unknown): void => void faults.push(fault)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  try {
    const holds = fc.asyncProperty(anyPolicy, fc.boolean(), sequences, (policy, halfOpen, sequence) =>
      withWorld(
        () => begin(policy, halfOpen),
        async (world) => {
          await fc.asyncModelRun(() => ({ model: world.expected, real: world }), sequence)
          judge(world, await end(world))
          assert.equal(faults.splice(0), [])
        },
      ),
    )
    await fc.assert(holds, { numRuns: runs, seed, endOnFailure: true, includeErrorInReport: true })
    console.log(`\nnote: ${runs} sequences of commands, seed ${seed}`)
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note)
  }
}

const name = 'random peers and owners: one verdict, no error, no descriptor left, and end of file means complete'
const longest = Math.max(100_000, runs * 500)
if (cannotCount === false) fact(name, property, longest)
if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), longest + 10_000)
}

test.run()
