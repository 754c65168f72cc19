// Tests what a peer in another process reads when Deno dies with one of its own sockets guarded, in every way it can.
import { test } from 'uvu'
import { crashFacts } from './support/native-crash.js'

crashFacts(false)

test.run()
