// One call that blocks in a thread of its own, while the script goes on.
//
// 1. The call has begun when the kernel says that a thread sleeps in a system call about this descriptor.
// 2. The end of the process ends the thread, so that no call outlives its script.
import { readdirSync, readFileSync } from 'node:fs'
import { type Answer, counted, type Fields, good, type Handler, plain, type Sockets, within } from './sockets.js'

const receiveBytes = 65_536

/** Whether another thread than the main one sleeps in a call whose first argument is this descriptor. */
const isBlocked = (fd: number): boolean => {
  const argument = `0x${fd.toString(16)}`
  return readdirSync('/proc/self/task').some((thread) => {
    if (Number(thread) === process.pid) return false
    try {
      return readFileSync(`/proc/self/task/${thread}/syscall`, 'utf8').split(' ')[1] === argument
    } catch {
      // The thread has ended meanwhile.
      return false
    }
  })
}

/** The verbs `background` and `join`. */
export const threadHandlers = (sockets: Sockets): Record<string, Handler> => {
  const { calls } = sockets
  const recv = calls.bindThread('int recv(int, void *, size_t, int)')
  const close = calls.bindThread('int close(int)')
  let begun: Promise<void> | undefined
  let ended: Answer | undefined

  const begin: Record<string, (request: Fields) => Promise<Answer>> = {
    recv: async (request) => {
      const bytes = new Uint8Array(Number(request.bytes ?? receiveBytes))
      const answer = await recv(sockets.fd(request), bytes, bytes.length, 0)
      return answer === 0 ? { is: 'eof', good: false } : counted(answer)
    },
    close: (request) => {
      const fd = sockets.fd(request)
      sockets.held(request).open = false
      return close(fd).then(plain)
    },
  }

  const untilBlocked = async (fd: number, request: Fields): Promise<Answer> => {
    const end = performance.now() + within(request)
    while (!isBlocked(fd)) {
      if (ended) return { is: `returned ${ended.is}`, good: false }
      if (performance.now() >= end) return { is: 'nothing', good: false }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return good('blocked')
  }

  const background = (request: Fields): Promise<Answer> => {
    const call = begin[String(request.call)]
    if (!call) throw new Error(`"${String(request.call)}" cannot go on in the background`)
    if (begun && !ended) throw new Error('there is a call in the background already')
    const { fd } = sockets.held(request)
    ended = undefined
    begun = call(request).then((answer) => {
      ended = answer
    })
    return untilBlocked(fd, request)
  }

  const join = async (request: Fields): Promise<Answer> => {
    if (!begun) throw new Error('there is no call in the background')
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, within(request))
    })
    await Promise.race([begun, late])
    clearTimeout(timer)
    return ended ?? { is: 'nothing', good: false }
  }

  return { background, join }
}
