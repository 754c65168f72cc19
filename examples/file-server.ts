// A file server whose clients read an end of file only if they have the whole file, whatever happens to the server.
import { createReadStream } from 'node:fs'
import net from 'node:net'
import { guard } from 'finrst'
import { readArguments, wholeArgument } from './arguments.ts'

const usage = `usage: node examples/file-server.ts [port] [file]

Sends a file to whoever connects.
port  any that is free by default
file  README.md by default`

const [portText, file] = readArguments(usage, ['0', 'README.md'])
const port = wholeArgument('port', portText)

const server = net.createServer((socket) => {
  const held = guard(socket)
  socket.on('error', () => undefined)
  // pipe() ends the socket at the end of the file, which declares it complete; an error of the disk is a failure.
  createReadStream(file)
    .on('error', (error) => held.fail(error))
    .pipe(socket)
  void held.verdict.then(({ ended, delivery }) => console.log(`${ended}, ${delivery}`))
})

server.listen(port, 'localhost', () => {
  console.log(`listening on port ${(server.address() as net.AddressInfo).port}`)
})
