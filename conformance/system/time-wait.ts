// Reads how many connections a network had no room for in TIME_WAIT: Linux forgets those instead.
//
// The bound is net.ipv4.tcp_max_tw_buckets, and both it and the count are of each network namespace.
import { readFileSync } from 'node:fs'

const wanted = 'TCPTimeWaitOverflow'

/** The count in the text of /proc/net/netstat; `undefined`: it is not told. */
export const findOverflows = (text: string): number | undefined => {
  const [names = [], counts = []] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  const count = counts[names.indexOf(wanted)]
  return count === undefined ? undefined : Number(count)
}

/** The count of the network that a process is in; `undefined` where the system does not tell, or it has ended. */
export const timeWaitOverflows = (pid: number | 'self' = 'self'): number | undefined => {
  try {
    return findOverflows(readFileSync(`/proc/${pid}/net/netstat`, 'utf8'))
  } catch {
    return undefined
  }
}
