// A network of one's own: a network namespace that both programs of a script share, and its settings.
//
// 1. Only the main thread moves, and all that asks or changes anything of the network runs in it.
// 2. Nothing is left behind: the namespace is gone with the last of its two programs.
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { endianness } from 'node:os'
import type { Calls } from './calls.js'
import { errorName } from './numbers.js'
import { type Answer, type Fields, good, type Handler, plain, type Sockets } from './sockets.js'

const little = endianness() === 'LE'
const flagsAt = 16

/** Brings loopback up: in a new namespace it is down. */
const raiseLoopback = (calls: Calls): number => {
  const ioctl = calls.bind('int ioctl(int, unsigned long, ...)')
  const request = new Uint8Array(40)
  request.set(Buffer.from('lo'))
  const view = new DataView(request.buffer)
  const { getFlags, setFlags, up } = calls.numbers.net
  const fd = calls.socket('udp')
  if (fd < 0) return fd
  let answer = ioctl(fd, getFlags, 'void *', request)
  view.setInt16(flagsAt, view.getInt16(flagsAt, little) | up, little)
  if (answer >= 0) answer = ioctl(fd, setFlags, 'void *', request)
  calls.libc.close(fd)
  return answer
}

/** Moves this process into a network of its own; answers 0 or a negative errno. */
export const leaveNetwork = (calls: Calls): number => {
  const answer = calls.bind('int unshare(int)')(calls.numbers.net.flag)
  return answer < 0 ? answer : raiseLoopback(calls)
}

/** Moves this process into the network of another one. */
const joinNetwork = (calls: Calls, pid: number): number => {
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r')
  const answer = calls.bind('int setns(int, int)')(namespace, calls.numbers.net.flag)
  closeSync(namespace)
  return answer
}

/** The request that moves a side, and the verb that changes a setting. */
export const networkHandlers = ({ calls }: Sockets): Record<string, Handler> => {
  let own = false
  const setting = ({ name, value }: Fields): Answer => {
    // A setting of the machine is not ours to change.
    if (!own) throw new Error('a setting is only changed in a network of its own')
    try {
      writeFileSync(`/proc/sys/${String(name).replaceAll('.', '/')}`, String(value))
      return good(0)
    } catch (error) {
      return { is: (error as NodeJS.ErrnoException).code ?? String(error), good: false }
    }
  }
  const move = ({ of }: Fields): Answer => {
    const answer = of === undefined ? leaveNetwork(calls) : joinNetwork(calls, Number(of))
    if (answer < 0) throw new Error(`there is no network of its own: ${errorName(-answer)}`)
    own = true
    return { ...plain(answer), pid: process.pid }
  }
  return { 'own-net': move, sysctl: setting }
}
