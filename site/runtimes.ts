// The runtimes of the page: what a guard of finrst can do on each, and whether its sockets block.
import { everything } from '../simulation/setting.ts'
import type { RawKernelData } from '../simulation/raw-kernel.ts'

export interface Runtime {
  id: string
  name: string
  /** Its sockets are in blocking mode, as SO_LINGER sees it. */
  blocking: boolean
  /** CAN_* of a guard on POSIX, and on Windows. */
  posix: readonly string[]
  windows: readonly string[]
}

const resetOnly = ['RESET', 'DRAIN']
const withoutReset = everything.filter((can) => can !== 'RESET')

// adapters/core/capabilities.ts, embed/go/platform.go and embed/python/finrst/_capabilities.py say the same.
export const runtimes: readonly Runtime[] = [
  { id: 'node', name: 'Node.js', blocking: false, posix: everything, windows: resetOnly },
  { id: 'node-alone', name: 'Node.js without system calls', blocking: false, posix: resetOnly, windows: resetOnly },
  { id: 'deno', name: 'Deno, node:net', blocking: false, posix: everything, windows: resetOnly },
  { id: 'deno-conn', name: 'Deno.TcpConn', blocking: false, posix: withoutReset, windows: ['DRAIN'] },
  { id: 'deno-alone', name: 'Deno.TcpConn without --allow-ffi', blocking: false, posix: ['DRAIN'], windows: ['DRAIN'] },
  { id: 'bun', name: 'Bun', blocking: false, posix: everything, windows: resetOnly },
  { id: 'go', name: 'Go', blocking: false, posix: withoutReset, windows: ['ARM', 'HOLD', 'DRAIN'] },
  {
    id: 'python',
    name: 'Python, blocking sockets',
    blocking: true,
    posix: withoutReset,
    windows: ['ARM', 'HOLD', 'DRAIN'],
  },
]

export function findRuntime(id: string): Runtime | undefined {
  return runtimes.find((runtime) => runtime.id === id)
}

export function runtimeOf(id: string): Runtime {
  const found = findRuntime(id)
  if (found === undefined) throw new RangeError(`no runtime is called ${id}`)
  return found
}

const windowsRow = 7

/** The CAN_* of a guard in this runtime on this kernel; the engine leaves out what the platform does not have. */
export function canOf(runtime: Runtime, { row }: RawKernelData): readonly string[] {
  return row === windowsRow ? runtime.windows : runtime.posix
}
