// Tests the guard of a native socket of Bun when system calls fail.
import { test } from 'uvu'
import { bunKit } from './support/native-bun.js'
import { faultFacts } from './support/native-faults.js'

faultFacts(bunKit)

test.run()
