// What a row script may need of this machine, each tried once: an ability that is not there is told with the reason.
import type { Calls } from './calls.js'
import { leaveNetwork } from './network.js'
import { errorName } from './numbers.js'
import type { CaptureKind } from './run.js'
import { TsharkCapture } from './tshark.js'

/** Whether something can be done here, and if not, why. */
export interface Ability {
  can: boolean
  why: string
}

/** What a script can ask for: its level, its needs, a network of its own, and that a side falls silent. */
export const abilityNames = ['packet', 'raw', 'mptcp', 'admin', 'silence', 'own-net'] as const
export type Abilities = Record<(typeof abilityNames)[number], Ability>

const told = (call: string, answer: number): Ability =>
  answer < 0 ? { can: false, why: `${call} says ${errorName(-answer)}` } : { can: true, why: '' }

/** Tries to make a socket, and lets it go. */
const trySocket = (calls: Calls, fd: number, what: string, then: (fd: number) => number = () => 0): Ability => {
  if (fd < 0) return told(what, fd)
  const ability = told(what, then(fd))
  calls.libc.close(fd)
  return ability
}

/** Lets tshark capture for a moment. Its own right to capture may be another than ours. */
const tryTshark = async (calls: Calls): Promise<Ability> => {
  try {
    const capture = await TsharkCapture.begin(calls, { local: 1, remote: 1 }, 'us')
    await capture.close()
    return { can: true, why: '' }
  } catch (error) {
    return { can: false, why: (error as Error).message }
  }
}

/** Tries everything. Afterwards this process is in a network of its own, if it can be: let it end. */
export const findAbilities = async (calls: Calls, capture: CaptureKind): Promise<Abilities> => {
  const { numbers } = calls
  const { packet, raw, family, options } = numbers
  const repair = (fd: number): number => calls.setInt(fd, ...options.TCP_REPAIR, 1)
  return {
    packet:
      capture === 'tshark'
        ? await tryTshark(calls)
        : trySocket(calls, calls.openSocket(packet.family, packet.type, 0), 'socket(AF_PACKET)'),
    raw: trySocket(calls, calls.openSocket(family.inet, raw.type, raw.protocol), 'socket(SOCK_RAW)'),
    mptcp: trySocket(calls, calls.socket('mptcp'), 'socket(IPPROTO_MPTCP)'),
    admin: trySocket(calls, calls.socket('tcp'), 'setsockopt(TCP_REPAIR)', repair),
    // Newer kernels let only an administrator filter what comes in for TCP.
    silence: trySocket(calls, calls.socket('tcp'), 'setsockopt(SO_ATTACH_FILTER)', (fd) => calls.silence(fd)),
    'own-net': told('unshare(CLONE_NEWNET)', leaveNetwork(calls)),
  }
}
