// Tests finrst/auto with the own sockets of Bun, which a program uses without knowing of it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { endsWith, startServer } from './support/auto.js'
import { autoFacts, peer } from './support/auto-native.js'
import { fact } from './support/deadline.js'

autoFacts()

fact('handlers that a program exchanges are seen as the first ones were', async () => {
  for (const name of ['reloadsListener', 'reloadsSocket']) {
    const started = await startServer('auto', 'auto-native-program', [name])
    assert.is(await endsWith(peer(), started, 'question'), 'eof', name)
  }
})

test.run()
