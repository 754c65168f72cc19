// Tests that no ordinary way of closing a native socket of Bun loses a byte.
import { test } from 'uvu'
import { guard } from '#adapter/index'
import { bytesFacts } from './support/native-bytes.js'
import { type BunEndpoint, bunKit } from './support/native-bun.js'
import { patterned } from './support/native-kit.js'
import { stopPrograms } from './support/programs.js'

const { bytes } = patterned(10_000_000)

test.after(stopPrograms)
bytesFacts(bunKit, import.meta.url, {
  'end() with all bytes': {
    close: ({ end }) => {
      guard(end.socket)
      return (end as BunEndpoint).bun.end(bytes)
    },
  },
  'end() with the last bytes, changed right after': {
    close: async ({ end }) => {
      guard(end.socket)
      const { bun } = end as BunEndpoint
      await end.send(bytes.subarray(0, 5_000_000))
      const last = bytes.slice(5_000_000)
      bun.end(last)
      last.fill(0)
    },
  },
  'shutdown()': {
    close: async ({ end }) => {
      guard(end.socket)
      await end.send(bytes)
      ;(end as BunEndpoint).bun.shutdown()
    },
  },
})

test.run()
