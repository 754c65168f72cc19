// Tests finrst/auto with the own sockets of Bun, which a program uses without knowing of it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from './support/auto.js'
import { autoFacts, peer } from './support/auto-native.js'
import { fact } from './support/deadline.js'

autoFacts()

fact('handlers that a program exchanges are seen as the first ones were', async () => {
  for (const name of ['reloadsListener', 'reloadsSocket']) {
    const { port } = await startServer('auto', 'auto-native-program', [name])
    const link = await peer().connect(port)
    await link.tell('write', 'question')
    await link.until('the answer', () => link.bytes > 0)
    // Bun closes by itself now, and a guard that does not hear of it would hold on to the connection.
    await link.tell('finish')
    assert.is(await link.ended(), 'eof', name)
  }
})

test.run()
