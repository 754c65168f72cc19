// Tests the guard of Deno's own connections: what the peer's process sees and what the verdict says.
import { test } from 'uvu'
import { denoKit } from './support/native-deno.js'
import { bareFacts, guardFacts, ordinaryFacts, receivingFacts } from './support/native-guard.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

guardFacts(denoKit, () => peer)
ordinaryFacts(denoKit, () => peer)
receivingFacts(denoKit, () => peer)
bareFacts(denoKit, () => peer, import.meta.url, false)

test.run()
