// Tests the guards of Deno.TlsConn: how they say goodbye, and that no ordinary way of closing loses a byte.
import { test } from 'uvu'
import { bytesFacts } from './support/native-bytes.js'
import { denoTlsKit } from './support/native-deno.js'
import { tlsFacts } from './support/native-tls.js'
import { stopPrograms } from './support/programs.js'

test.after(stopPrograms)
tlsFacts(denoTlsKit)
bytesFacts(denoTlsKit, import.meta.url)

test.run()
