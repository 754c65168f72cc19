// Tests that nothing is left of a native socket of Bun however it ends.
import { test } from 'uvu'
import { descriptorFacts } from './support/native-descriptors.js'
import { bunKit } from './support/native-bun.js'

descriptorFacts(bunKit, import.meta.url)

test.run()
