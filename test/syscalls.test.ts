// Tests how many system calls a guarded connection costs on Node: strace counts them, with a guard and without.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '../adapters/node/libc.js'
import { programPath } from './support/programs.js'
import { readCounts } from './support/strace.js'
import { factWith, runTool } from './support/tools.js'

const connections = 100
const manyWrites = 21
const deadlineMs = 120_000
/** The calls that a guard may make; what the runtime's threads do meanwhile is none of them. */
const counted = [
  'setsockopt,getsockopt,ioctl,getsockname,getpeername,fcntl,dup,dup3',
  'shutdown,close,connect,accept4,write,writev,sendto',
].join()

/** How often each call was made. */
async function callsOf(how: 'guarded' | 'bare', writes: number): Promise<Map<string, number>> {
  const program = [process.execPath, await programPath('syscalls-program'), how, String(connections), String(writes)]
  const { code, errors } = await runTool(['strace', '-f', '-c', '-e', `trace=${counted}`, ...program], {
    FINRST_TIMEOUT: String(deadlineMs),
  })
  assert.is(code, 0, errors)
  const calls = readCounts(errors)
  assert.ok((calls.get('accept4') ?? 0) >= connections, `the summary of strace was understood: ${errors}`)
  return calls
}

/** How many more of each call a guarded connection makes. */
async function extra(writes: number): Promise<Map<string, number>> {
  const [bare, guarded] = [await callsOf('bare', writes), await callsOf('guarded', writes)]
  const names = new Set([...bare.keys(), ...guarded.keys()])
  const more = [...names].map(
    (name) => [name, ((guarded.get(name) ?? 0) - (bare.get(name) ?? 0)) / connections] as const,
  )
  return new Map(more.filter(([, count]) => count !== 0))
}

const sum = (counts: Map<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0)
const told = (counts: Map<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count.toFixed(2)}`).join(', ')

factWith(
  'strace',
  'strace',
  'a connection that ends gracefully costs at most four system calls more, and none for each write',
  async () => {
    if (backend().name === 'none') return
    const one = await extra(1)
    const many = await extra(manyWrites)
    console.log(`note: a guarded connection makes more calls: ${told(one)}`)
    // A few more are those of the first connection, and of one whose peer was slow to acknowledge.
    assert.ok(sum(one) <= 4.3, told(one))
    assert.ok(sum(one) >= 2, `it is armed and disarmed: ${told(one)}`)
    const forEachWrite = (sum(many) - sum(one)) / (manyWrites - 1)
    assert.ok(forEachWrite < 0.05, `${forEachWrite} for each write: ${told(many)}`)
  },
  4 * deadlineMs,
)

test.run()
