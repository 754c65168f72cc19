// The calls that few rows need: options, descriptors that are replaced, other processes, an administrator's reset.
import { type ChildProcess, spawn } from 'node:child_process'
import { endianness } from 'node:os'
import type { Calls } from './calls.js'
import { errorName, type OptionName } from './numbers.js'
import { type Answer, type Fields, good, type Handler, plain, type Sockets, within } from './sockets.js'

const little = endianness() === 'LE'

/** Options that are ints, and struct linger in a wrong size. */
const optionHandlers = (sockets: Sockets): Record<string, Handler> => {
  const { libc, numbers } = sockets.calls
  const number = (request: Fields): readonly [number, number] => numbers.options[request.name as OptionName]
  const setLinger = (request: Fields, value: Int32Array): number =>
    libc.setsockopt(sockets.fd(request), numbers.socketLevel, numbers.lingerOption, new Uint8Array(value.buffer))
  return {
    option: (request) => plain(sockets.calls.setInt(sockets.fd(request), ...number(request), Number(request.value))),
    'get-option': (request) => {
      const value = new Int32Array(1)
      const answer = libc.getsockopt(sockets.fd(request), ...number(request), new Uint8Array(value.buffer))
      return answer < 0 ? plain(answer) : good(value[0] ?? 0)
    },
    'short-linger': (request) => plain(setLinger(request, Int32Array.of(1))),
    'long-linger': (request) => plain(setLinger(request, Int32Array.of(1, 7, 0, 0))),
    'send-urgent': (request) => {
      const answer = sockets.calls.send(sockets.fd(request), new Uint8Array(1), numbers.message.outOfBand)
      return answer < 0 ? plain(answer) : good(answer)
    },
  }
}

/** What closes a descriptor without being called close(), and what a descriptor is. */
const descriptorHandlers = (sockets: Sockets): Record<string, Handler> => {
  const { calls } = sockets
  const duplicate = calls.bind('int dup2(int, int)')
  const call = calls.bind('long syscall(long, ...)')
  return {
    dup2: (request) => {
      const fd = sockets.fd(request)
      const other = calls.socket('tcp')
      if (other < 0) return plain(other)
      const answer = duplicate(other, fd)
      calls.libc.close(other)
      // The connection is no longer what the descriptor stands for; `state` then asks the kernel's list.
      sockets.held(request).open = false
      return answer < 0 ? plain(answer) : good(0)
    },
    'close-range': (request) => {
      const fd = sockets.fd(request)
      sockets.held(request).open = false
      return plain(call(calls.numbers.call.closeRange, 'uint32_t', fd, 'uint32_t', fd, 'uint32_t', 0))
    },
    number: (request) => good(sockets.held(request).fd),
    descriptor: (request) => {
      const answer = calls.descriptorFlags(sockets.held(request).fd)
      return answer < 0 ? plain(answer) : good('open')
    },
  }
}

/** A program that does nothing but hold what it was given until its input ends. */
const holder = [process.execPath, '-e', 'process.stdin.resume()'] as const

/** Another process that holds a socket, and a signal that comes later. */
export const processHandlers = (sockets: Sockets): Record<string, Handler> => {
  const setTimer = sockets.calls.bind('int setitimer(int, const void *, void *)')
  let child: ChildProcess | undefined
  const hold = async (request: Fields): Promise<Answer> => {
    if (child) throw new Error('there is a child already')
    const [program, ...args] = holder
    // The child has the descriptor before spawn() returns; the event says that there is a child.
    const started = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore', sockets.fd(request)] })
    child = started
    await new Promise<void>((resolve, reject) => {
      started.once('spawn', resolve)
      started.once('error', reject)
    })
    return good(0)
  }
  const end = async (request: Fields): Promise<Answer> => {
    const ending = child
    child = undefined
    if (!ending) throw new Error('there is no child')
    const timer = setTimeout(() => ending.kill('SIGKILL'), within(request))
    await new Promise<void>((resolve) => {
      ending.once('exit', () => resolve())
      ending.stdin?.end()
    })
    clearTimeout(timer)
    return good(0)
  }
  const signalLater = ({ after }: Fields): Answer => {
    process.on('SIGALRM', () => undefined)
    // struct itimerval: the interval and the time until the first, each as seconds and microseconds.
    const value = new BigInt64Array([
      0n,
      0n,
      BigInt(Math.floor(Number(after) / 1000)),
      BigInt(Number(after) % 1000) * 1000n,
    ])
    return plain(setTimer(0, new Uint8Array(value.buffer), null))
  }
  return {
    child: (request) => (request.how === 'holds' ? hold(request) : end(request)),
    'signal-me': signalLater,
  }
}

const requestBytes = 72
const noCookie = 0xffffffff
const headerBytes = 16

/** Asks the kernel to reset the other end of our connection, which another process owns; 0 or a negative errno. */
const resetOther = (calls: Calls, { local, remote }: { local: number; remote: number }): number => {
  const { family, protocol, destroy } = calls.numbers.diag
  const [wantsAnswer, loopback] = [0x05, [127, 0, 0, 1]]
  const message = new Uint8Array(requestBytes)
  const view = new DataView(message.buffer)
  view.setUint32(0, requestBytes, little)
  view.setUint16(4, destroy, little)
  view.setUint16(6, wantsAnswer, little)
  view.setUint8(16, calls.numbers.family.inet)
  view.setUint8(17, 6)
  view.setUint32(20, 0xffffffff, little)
  view.setUint16(24, remote)
  view.setUint16(26, local)
  message.set(loopback, 28)
  message.set(loopback, 44)
  view.setUint32(64, noCookie, little)
  view.setUint32(68, noCookie, little)
  const fd = calls.openSocket(family, 3, protocol)
  if (fd < 0) return fd
  const reply = new Uint8Array(4096)
  let answer = calls.send(fd, message)
  if (answer >= 0) {
    calls.poll(fd, calls.numbers.poll.in ?? 0, 1000)
    answer = calls.recv(fd, reply, false)
  }
  calls.libc.close(fd)
  return answer < 0 ? answer : new DataView(reply.buffer).getInt32(headerBytes, little)
}

const adminHandlers = (sockets: Sockets): Record<string, Handler> => ({
  'sock-destroy': (request) => {
    const { ends } = sockets.held(request)
    if (!ends) throw new Error(`"${String(request.on)}" is no connection of TCP`)
    return plain(resetOther(sockets.calls, ends))
  },
})

/** Those that leave nothing behind but descriptors. */
export const extraHandlers = (sockets: Sockets): Record<string, Handler> => ({
  ...optionHandlers(sockets),
  ...descriptorHandlers(sockets),
  ...adminHandlers(sockets),
})

/** Replaces this program by one that ends at once; returns only if it cannot. */
export const replaceProgram = (calls: Calls): void => {
  const answer = calls.bind('int execv(const char *, const char **)')(process.execPath, [
    process.execPath,
    '-e',
    '0',
    null,
  ])
  throw new Error(`execv: ${errorName(-answer)}`)
}
