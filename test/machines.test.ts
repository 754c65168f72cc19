// Tests that a machine whose Linux has numbers of its own is asked by those.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { platformOf } from '../adapters/core/platform.js'

const on = (id: string, arch: string) =>
  platformOf({ id, arch, backend: { name: 'none', why: 'a test' }, trace: undefined })

for (const [arch, row, query, unread] of [
  ['x64', 1, 0x5411, 0x541b],
  ['arm64', 1, 0x5411, 0x541b],
  ['mips', 8, 0x7472, 0x467f],
  ['mipsel', 8, 0x7472, 0x467f],
  ['ppc64', 1, 0x40047473, 0x4004667f],
] as const) {
  test(`Linux on ${arch} is asked for its queues by the numbers of that machine`, () => {
    const { row: found, query: queue, unreadRequest } = on('linux', arch)
    assert.equal([found, queue?.number, unreadRequest], [row, query, unread])
    assert.equal([queue?.through, queue?.countsFin], ['ioctl', true])
  })
}

test('another system has one number for all machines', () => {
  assert.is(on('freebsd', 'mips').query?.number, on('freebsd', 'x64').query?.number)
  assert.is(on('windows', 'x64').query, undefined)
})

test.run()
