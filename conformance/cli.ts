// What is started: the command line, or one of its own processes. Each loads only what it needs, because a run starts
// more than a hundred of them.
import { setOwnFile } from './own-file.js'

setOwnFile(import.meta.url)
const [first, ...rest] = process.argv.slice(2)
if (first === '__peer') (await import('./peer.js')).servePeer()
else if (first === '__testee') (await import('./testee.js')).serveTestee()
else if (first === '__system') (await import('./system/testee.js')).serveSystem()
else if (first === '__demo') await (await import('./demo.js')).serveDemo(rest[0] ?? '', rest[1] === 'guarded')
else await (await import('./program.js')).main(first === undefined ? ['--help'] : [first, ...rest])
