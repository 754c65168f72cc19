// Tests that no ordinary way of closing a connection of Deno loses a byte.
import { test } from 'uvu'
import { guard } from '#adapter/index'
import { bytesFacts } from './support/native-bytes.js'
import { denoKit } from './support/native-deno.js'
import { type Endpoint, patterned } from './support/native-kit.js'
import { stopPrograms } from './support/programs.js'
import type { TcpConn } from '../adapters/deno/runtime.js'

const { bytes } = patterned(10_000_000)
const connOf = ({ socket }: Endpoint): TcpConn => socket as unknown as TcpConn
const writableOf = (end: Endpoint): WritableStream<Uint8Array> => connOf(end).writable as WritableStream<Uint8Array>

test.after(stopPrograms)
bytesFacts(denoKit, import.meta.url, {
  'the end of the writing stream': {
    close: async ({ end }) => {
      guard(end.socket)
      const writer = writableOf(end).getWriter()
      for (let at = 0; at < bytes.length; at += 65_536) void writer.write(bytes.subarray(at, at + 65_536))
      await writer.close()
    },
  },
  'a body that is piped': {
    close: async ({ end }) => {
      guard(end.socket)
      await new Blob([bytes]).stream().pipeTo(writableOf(end))
    },
  },
  'a pipe while the reading stream is in use, and the peer ends': {
    close: async ({ end, link }) => {
      guard(end.socket)
      const reading = (async (): Promise<void> => {
        for await (const chunk of connOf(end).readable as ReadableStream<Uint8Array>) void chunk
      })()
      const piping = new Blob([bytes]).stream().pipeTo(writableOf(end), { preventClose: true })
      await piping
      await link.tell('finish')
      await reading
    },
  },
})

test.run()
