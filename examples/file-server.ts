// A file server whose clients read an end of file only if they have the whole file, whatever happens to the server.
//
//   node examples/file-server.ts 7007 README.md       sends the file to whoever connects to port 7007
import { createReadStream } from 'node:fs'
import net from 'node:net'
import { guard } from 'finrst'

const [port = '7007', file = 'README.md'] = process.argv.slice(2)

const server = net.createServer((socket) => {
  const held = guard(socket)
  socket.on('error', () => undefined)
  // pipe() ends the socket at the end of the file, which declares it complete; an error of the disk is a failure.
  createReadStream(file)
    .on('error', (error) => held.fail(error))
    .pipe(socket)
  void held.verdict.then(({ ended, delivery }) => console.log(`${ended}, ${delivery}`))
})

server.listen(Number(port), 'localhost', () => {
  console.log(`listening on port ${(server.address() as net.AddressInfo).port}`)
})
