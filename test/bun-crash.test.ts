// Tests what a peer in another process reads when Bun dies with one of its own sockets guarded, in every way it can.
import { test } from 'uvu'
import { crashFacts } from './support/native-crash.js'

crashFacts(true)

test.run()
