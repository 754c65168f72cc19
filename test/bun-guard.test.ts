// Tests the guard of Bun's own sockets: what the peer's process sees and what the verdict says.
import { test } from 'uvu'
import { bunKit } from './support/native-bun.js'
import { bareFacts, guardFacts, ordinaryFacts, receivingFacts } from './support/native-guard.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

guardFacts(bunKit, () => peer)
ordinaryFacts(bunKit, () => peer)
receivingFacts(bunKit, () => peer)
bareFacts(bunKit, () => peer, import.meta.url, true)

test.run()
