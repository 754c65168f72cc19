// Tests the guards of native sockets of Bun with TLS: how they say goodbye, and that no ordinary way of closing loses
// a byte.
import { test } from 'uvu'
import { bytesFacts } from './support/native-bytes.js'
import { bunTlsKit } from './support/native-bun.js'
import { tlsFacts } from './support/native-tls.js'
import { stopPrograms } from './support/programs.js'

test.after(stopPrograms)
tlsFacts(bunTlsKit)
bytesFacts(bunTlsKit, import.meta.url)

test.run()
