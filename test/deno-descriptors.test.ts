// Tests that nothing is left of a connection of Deno however it ends.
import { test } from 'uvu'
import { descriptorFacts } from './support/native-descriptors.js'
import { denoKit } from './support/native-deno.js'

descriptorFacts(denoKit, import.meta.url)

test.run()
