// Tests the short form of the impaired networks: some scenes on the Node that is running, a few connections of each.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import type { Runtime } from '../scripts/runtimes.ts'
import { playAll, type SceneResult, scripts } from './endurance/impaired.ts'
import { Network } from './endurance/network.ts'
import { type Ended, lies } from './endurance/scene.ts'
import { fact, factIf } from './support/deadline.js'
import { findTool } from './support/tools.js'

const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }

/** Why this machine cannot play the scenes, or false. */
const findObstacle = async (): Promise<string | false> => {
  if (process.platform !== 'linux') return 'no network namespaces'
  const missing = ['unshare', 'nsenter', 'ip', 'nft', 'python3'].find((name) => findTool(name) === undefined)
  if (missing !== undefined) return `there is no ${missing}; apt-get install -y iproute2 nftables python3`
  if (backend().name === 'none') return 'no system calls'
  try {
    await (await Network.open()).close()
    return false
  } catch (error) {
    return `this machine has no network of its own for us: ${(error as Error).message.split('\n')[0]}`
  }
}

const obstacle = await findObstacle()
if (obstacle !== false && process.env.CI === 'true') throw new Error(obstacle)

const short = [
  'loses 5 %',
  'delays, reorders and doubles',
  'cut in the middle of an answer',
  'cut behind our FIN, before the peer has it',
  'cut while we drain',
  'the peer vanishes and the kernel gives up',
  'the window opens again',
  'killed, losing 1 %',
]

let results: SceneResult[] = []
test.before(async () => {
  if (obstacle === false) ({ results } = await playAll(here, { times: 1, seed: 1, only: short }))
})

for (const name of short) {
  factIf(obstacle, `a network that is impaired: ${name}`, () => {
    assert.ok(scripts.some((script) => script.name === name))
    const result = results.find((each) => each.name === name)
    assert.equal(result?.problems, [])
    const seen = Object.values({ ...result?.saw, ...result?.said }).reduce((sum, times) => sum + times, 0)
    assert.ok(seen > 0, 'no connection was seen')
  })
}

const verdict = { ended: 'fin', by: 'us', cause: 'close', delivery: 'acked', rule: 'acked-ends' } as Ended['verdict']

fact('what a verdict claims against what the peer read is noticed', () => {
  const sight = { id: 1, saw: 'eof', bytes: 100, same: true } as const
  const it: Ended = { ending: 'whole', bytes: 100, sight, ...(verdict ? { verdict } : {}) }
  const told = (more: Partial<Ended>): string => lies({ ...it, ...more }).join('; ')
  assert.is(told({}), '')
  assert.match(told({ sight: { ...sight, bytes: 99 } }), /end of file behind 99 bytes/)
  assert.match(told({ sight: { ...sight, same: false } }), /other bytes/)
  assert.match(told({ sight: { ...sight, saw: 'open', bytes: 99 } }), /acked.* and it read 99/)
  assert.match(told({ sight: { ...sight, saw: 'reset', bytes: 99 } }), /and it read a reset/)
  const reset = { ...verdict, ended: 'reset', delivery: 'unknown' } as NonNullable<Ended['verdict']>
  assert.match(told({ verdict: reset }), /and it read end of file/)
})

test.run()
