// Tests the guard of a connection of Deno when system calls fail.
import { test } from 'uvu'
import { denoKit } from './support/native-deno.js'
import { faultFacts } from './support/native-faults.js'

faultFacts(denoKit)

test.run()
