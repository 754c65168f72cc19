// Tests finrst/auto with the own sockets of Deno, which a program uses without knowing of it.
import { test } from 'uvu'
import { autoFacts } from './support/auto-native.js'

autoFacts()
test.run()
