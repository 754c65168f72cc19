// Tests how the descriptor of a connection is found by its addresses: with few looks, and never another connection's.
import { closeSync, openSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '../adapters/node/libc.js'
import { addressOf, endOf, isEnd, type Pair, pairOf } from '../adapters/core/address.js'
import { systems } from '../adapters/core/libc.js'
import { Scan } from '../adapters/core/scan.js'
import { fact, factIf } from './support/deadline.js'

const { libc } = backend()
const system = systems[process.platform]
const missing = libc === undefined || system?.duplicateCommand === undefined ? 'no system calls' : false
const fdOf = (socket: net.Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd
const newScan = (): Scan => new Scan(libc as never, system as never)
const foundPair = (scan: Scan, pair: Pair): number | undefined =>
  scan.find(pair, (fd) => {
    const end = endOf(libc as never, system as never, fd, 'getsockname')
    return typeof end === 'string' && isEnd(end, pair.ours) ? fd : undefined
  })
const found = (scan: Scan, socket: net.Socket): number | undefined => foundPair(scan, pairOf(socket))

interface Ends {
  ours: net.Socket
  theirs: net.Socket
}

const servers: net.Server[] = []
const sockets = new Set<net.Socket>()
const listen = async (host = '127.0.0.1'): Promise<net.Server> => {
  const server = net.createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return server
}

const connect = async (server: net.Server): Promise<Ends> => {
  const { port, address } = server.address() as AddressInfo
  const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve))
  const theirs = net.connect({ port, host: address === '::' ? '127.0.0.1' : address })
  const ours = await accepted
  for (const socket of [ours, theirs]) sockets.add(socket.on('error', () => {}))
  if (theirs.connecting) await new Promise((resolve) => theirs.once('connect', resolve))
  return { ours, theirs }
}

const closed = async ({ ours, theirs }: Ends): Promise<void> => {
  const both = [ours, theirs].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  ours.destroy()
  theirs.destroy()
  await Promise.all(both)
}

test.after(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

factIf(missing, 'many connections are found with a few looks at each', async () => {
  const server = await listen()
  const all: Ends[] = []
  for (let count = 0; count < 100; count += 1) all.push(await connect(server))
  const scan = newScan()
  const highest = Math.max(...all.map(({ theirs }) => fdOf(theirs)))
  for (const { ours, theirs } of all.reverse()) {
    assert.is(found(scan, ours), fdOf(ours))
    assert.is(found(scan, theirs), fdOf(theirs))
  }
  // Those with a peer of their own, and those that all have the same.
  assert.ok(scan.looks <= highest + 6 * all.length, `${scan.looks} looks at ${highest}`)
  for (const each of all) await closed(each)
})

factIf(missing, 'a connection whose number was that of another one is found with few looks', async () => {
  const server = await listen()
  const held: Ends[] = []
  for (let count = 0; count < 200; count += 1) held.push(await connect(server))
  const scan = newScan()
  for (const { ours } of held) found(scan, ours)
  const before = scan.looks
  for (let count = 0; count < 50; count += 1) {
    // What idles longest is closed first.
    await closed(held.shift() as Ends)
    const each = await connect(server)
    assert.is(found(scan, each.ours), fdOf(each.ours))
    held.push(each)
  }
  assert.ok(scan.looks - before < 50 * 40, `${scan.looks - before} looks for 50`)
  const last = await connect(server)
  assert.is(found(scan, last.ours), fdOf(last.ours))
  assert.is(found(scan, last.ours), fdOf(last.ours))
  for (const each of [...held, last]) await closed(each)
})

factIf(missing, 'a number that is known to be closed is looked at first', async () => {
  const server = await listen()
  const each = await connect(server)
  const scan = newScan()
  const fd = found(scan, each.ours) as number
  const pair = pairOf(each.ours)
  assert.is(scan.is(fd, pair), true)
  await closed(each)
  assert.is(scan.is(fd, pair), false)
  const next = await connect(server)
  const { looks } = scan
  assert.is(found(scan, next.ours), fdOf(next.ours))
  assert.ok(scan.looks - looks <= 4, `${scan.looks - looks} looks`)
  await closed(next)
})

factIf(missing, 'a connection behind a gap of hundreds of free numbers is found', async () => {
  const files = Array.from({ length: 600 }, () => openSync('/dev/null', 'r'))
  const server = await listen()
  const far = await connect(server)
  for (const fd of files) closeSync(fd)
  assert.ok(fdOf(far.ours) > 600)
  assert.is(found(newScan(), far.ours), fdOf(far.ours))
  await closed(far)
})

factIf(missing, 'our own duplicate is not taken for the connection that it is', async () => {
  const server = await listen()
  const each = await connect(server)
  const scan = newScan()
  const pair = pairOf(each.ours)
  const duplicate = libc?.duplicate(fdOf(each.ours)) ?? -1
  scan.own(duplicate)
  const seen: number[] = []
  scan.find(pair, (fd) => void seen.push(fd))
  assert.equal(new Set(seen), new Set([fdOf(each.ours)]))
  scan.disown(duplicate)
  scan.find(pair, (fd) => void seen.push(fd))
  assert.equal(new Set(seen), new Set([fdOf(each.ours), duplicate]))
  libc?.close(duplicate)
  await closed(each)
})

factIf(missing, 'our own duplicate is not taken for a connection that had its number', async () => {
  const server = await listen()
  const [before, each] = [await connect(server), await connect(server)]
  const scan = newScan()
  const numbers = [fdOf(before.theirs), fdOf(before.ours)]
  assert.is(found(scan, before.ours), numbers[1])
  await closed(before)
  const duplicates = numbers.map(() => libc?.duplicate(fdOf(each.ours)) ?? -1)
  assert.equal(new Set(duplicates), new Set(numbers))
  duplicates.forEach((fd) => void scan.own(fd))
  const seen: number[] = []
  scan.find(pairOf(each.ours), (fd) => void seen.push(fd))
  assert.equal(new Set(seen), new Set([fdOf(each.ours)]))
  duplicates.forEach((fd) => void libc?.close(fd))
  await closed(each)
})

factIf(missing, 'of two connections to one end of a peer, each is told by our own port', async () => {
  const server = await listen()
  const [first, second] = [await connect(server), await connect(server)]
  const scan = newScan()
  for (const { theirs } of [first, second, first]) {
    assert.is(found(scan, theirs), fdOf(theirs))
    // Whoever listens on every address knows the port alone.
    const { localPort, remoteAddress, remotePort } = theirs
    assert.is(foundPair(scan, pairOf({ localPort, remoteAddress, remotePort })), fdOf(theirs))
  }
  assert.is(scan.is(fdOf(first.theirs), pairOf(second.theirs)), false)
  await closed(first)
  await closed(second)
})

fact('an end as a runtime writes it is the end as the kernel tells it', async () => {
  if (libc === undefined || system === undefined) return
  for (const host of ['127.0.0.1', '::1', '::']) {
    const server = await listen(host)
    const { ours, theirs } = await connect(server)
    for (const side of ['getsockname', 'getpeername'] as const) {
      const end = endOf(libc, system, fdOf(ours), side) as string
      const told = addressOf(libc, system, fdOf(ours), side)
      assert.ok(typeof told === 'object', host)
      const written = side === 'getsockname' ? pairOf(ours).ours : pairOf(theirs).ours
      assert.ok(isEnd(end, written), `${side} of ${host}`)
      assert.is(isEnd(end, pairOf({ localAddress: told?.address, localPort: told?.port }).ours), true)
      assert.is(isEnd(end, pairOf({ localAddress: told?.address, localPort: (told?.port ?? 0) ^ 1 }).ours), false)
    }
    await closed({ ours, theirs })
  }
})

fact('addresses that are the same are equal in whatever way they are written, and others are not', () => {
  const end = (remoteAddress: string): string => pairOf({ remoteAddress, remotePort: 80 }).theirs
  const same = [
    ['1.2.3.4', '::ffff:1.2.3.4', '::FFFF:102:304', '0:0:0:0:0:ffff:0102:0304'],
    ['::1', '0:0:0:0:0:0:0:1', '0000::0001'],
    ['fe80::1', 'fe80::1%eth0', 'FE80:0::0:1'],
    ['1:2:3:4:5:6:7:8'],
    ['102:304::', '102:304:0:0:0:0:0:0'],
    ['::', '0::0'],
    ['0.0.0.0', '::ffff:0:0'],
  ]
  const seen = same.map((group) => new Set(group.map(end)))
  assert.equal(
    seen.map(({ size }) => size),
    same.map(() => 1),
  )
  assert.is(new Set(same.flat().map(end)).size, same.length)
  assert.is(isEnd(end('102:304::'), end('1.2.3.4')), false)
  assert.is(pairOf({ remotePort: 80 }).theirs, '')
  assert.is(isEnd(end('1.2.3.4'), ''), false)
})

test.run()
