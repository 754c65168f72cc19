// Tests struct linger on every platform: what is written is what its headers say, and what would wrap is refused.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { COLUMN, CONTEXT, ERROR } from '../adapters/core/names.js'
import { engine, lingerBytes } from '../adapters/core/wasm.js'
import { rowOf } from '../conformance/vectors.js'

interface Constant {
  value: number
}
interface Constants {
  socketLevel: Constant
  lingerOption: Constant
  lingerMost: Constant
  lingerBytes: Constant
}

const ids = ['linux', 'freebsd', 'openbsd', 'netbsd', 'illumos', 'macos', 'windows']
const constantsOf = (id: string): Constants =>
  (JSON.parse(readFileSync(`spec/platforms/${id}.json`, 'utf8')) as { constants: Constants }).constants
const outOfRange = -(ERROR.OUT_OF_RANGE ?? 0)
const bigEndian = CONTEXT.BIG_ENDIAN ?? 0
const off = -1

for (const id of ids) {
  const { socketLevel, lingerOption, lingerMost, lingerBytes: size } = constantsOf(id)
  const row = rowOf(id)

  test(`${id} has the numbers of its registry`, () => {
    assert.is(engine().column(row, COLUMN.SOCKET_LEVEL ?? 0), socketLevel.value)
    assert.is(engine().column(row, COLUMN.LINGER_OPTION ?? 0), lingerOption.value)
    assert.is(engine().column(row, COLUMN.LINGER_MOST ?? 0), lingerMost.value)
    assert.is(engine().column(row, COLUMN.LINGER_BYTES ?? 0), size.value)
  })

  test(`${id} reads back what was written, from off to the most`, () => {
    for (const seconds of [off, 0, 1, 255, 256, lingerMost.value - 1, lingerMost.value]) {
      assert.is(engine().encodeLinger(row, seconds), size.value, String(seconds))
      assert.is(engine().decodeLinger(row), seconds)
    }
  })

  test(`${id} refuses what it would wrap, cut or take as for ever`, () => {
    for (const seconds of [-2, -2147483648, lingerMost.value + 1, 2147483647]) {
      assert.is(engine().encodeLinger(row, seconds), outOfRange, String(seconds))
    }
  })

  test(`${id} never writes zero seconds for another number`, () => {
    const width = size.value === 4 ? 2 : 4
    for (let seconds = 1; seconds <= lingerMost.value; seconds += seconds < 400 ? 1 : 9973) {
      engine().encodeLinger(row, seconds)
      assert.ok(
        lingerBytes(size.value)
          .subarray(width)
          .some((byte) => byte !== 0),
        String(seconds),
      )
    }
  })
}

test('the byte order turns every word of two int', () => {
  engine().encodeLinger(rowOf('linux'), 0x010203)
  const little = [...lingerBytes(8)]
  engine().encodeLinger(rowOf('linux') | bigEndian, 0x010203)
  const big = [...lingerBytes(8)]
  assert.equal(big, [...little.slice(0, 4).reverse(), ...little.slice(4).reverse()])
  assert.is(engine().decodeLinger(rowOf('linux') | bigEndian), 0x010203)
})

test('whatever is not zero in the first word means on', () => {
  lingerBytes(8).set([0, 1, 0, 0, 7, 0, 0, 0])
  assert.is(engine().decodeLinger(rowOf('linux')), 7)
  lingerBytes(8).set([0, 0, 0, 0, 7, 0, 0, 0])
  assert.is(engine().decodeLinger(rowOf('linux')), off)
})

test('an unknown platform has only off and zero', () => {
  assert.ok(engine().encodeLinger(0, off) !== outOfRange)
  assert.is(engine().encodeLinger(0, 1), outOfRange)
})

test.run()
