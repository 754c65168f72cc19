// Captures the segments of one connection over loopback with tshark, which dissects them itself.
//
// 1. Datagrams of ours to ourselves pass through the same capture. The first that tshark tells says that it captures;
//    one that is sent later and told says that it has told everything that was captured before.
// 2. It is bounded in time and in packets, and stopped by its own id. Its temporary file is gone as soon as it is open.
// 3. It sees segments where they come in, because tshark leaves out what goes out on loopback.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { addressOf } from '../../adapters/core/address.js'
import { Lines } from '../lines.js'
import { EnvironmentError } from '../result.js'
import type { Calls } from './calls.js'
import type { Ends } from './listing.js'
import { type Capture, multipathNames, type Segment, type Side } from './segment.js'
import { errorName } from './numbers.js'

/** How long tshark may take to begin, and to tell what it has captured. */
export const beginMs = 30_000
const tellMs = 10_000
const markEveryMs = 20
/** After so many seconds or packets it ends by itself. */
const most = { seconds: 120, packets: 200_000 }
const snapshotBytes = 160
const bufferMegabytes = 32
const longestLine = 1000
const udpHeaderBytes = 8
const mostMarks = 60_000

const fields = [
  'frame.time_epoch',
  'udp.length',
  'tcp.srcport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.len',
  'tcp.options.mptcp.subtype',
  'tcp.options.mptcp.datafin.flag',
] as const

/** Rejects with an {@link EnvironmentError} that says how to get tshark, if it is not there. */
export const checkTshark = async (): Promise<void> => {
  try {
    await promisify(execFile)('tshark', ['--version'], { timeout: beginMs })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such program' : message.trim()
    const how = 'apt-get install -y --no-install-recommends tshark'
    throw new EnvironmentError(`--capture tshark needs tshark: ${why}; Debian and Ubuntu have it: ${how}`)
  }
}

const filterOf = ({ local, remote }: Ends, marker: number): string => {
  const way = (from: number, to: number): string => `(src port ${from} and dst port ${to})`
  return [
    `ip and host 127.0.0.1 and ((tcp and (${way(local, remote)} or ${way(remote, local)}))`,
    `(udp and ${way(marker, marker)}))`,
  ].join(' or ')
}

/** All numbers of a field that can be there several times. */
const each = (text: string): number[] => text.split(',').filter(Boolean).map(Number)

/** What MPTCP says: the names of its options, and the end of its data. */
const multipathOf = (subtypes: string, dataFins: string): string[] => [
  ...each(subtypes).flatMap((subtype) => multipathNames[subtype] ?? []),
  ...(/1|true/i.test(dataFins) ? ['DATA_FIN'] : []),
]

/** Reads a line of tshark: a segment, or the number of a datagram of ours. */
export const parseLine = (line: string, ourPort: number): Segment | number => {
  const columns = line.split('\t')
  if (columns.length !== fields.length) throw new Error(`tshark told ${columns.length} fields: ${line.slice(0, 200)}`)
  const [time = '', length = '', port, sequence, acknowledged, flags, bytes, subtypes = '', dataFins = ''] = columns
  if (length !== '') return Number(length) - udpHeaderBytes
  const segment: Segment = {
    from: Number(port) === ourPort ? 'us' : 'peer',
    sequence: Number(sequence),
    acknowledged: Number(acknowledged),
    flags: Number(flags) & 0xff,
    bytes: Number(bytes),
    multipath: multipathOf(subtypes, dataFins),
    at: Number(time) * 1000,
  }
  if ([segment.sequence, segment.acknowledged, segment.flags, segment.bytes].some(Number.isNaN)) {
    throw new Error(`tshark told something that is no segment: ${line.slice(0, 200)}`)
  }
  return segment
}

/** Datagrams to ourselves; the length of each is its number. */
class Marks {
  #calls: Calls
  #fd: number
  #sent = 0
  readonly port: number

  constructor(calls: Calls) {
    this.#calls = calls
    this.#fd = calls.socket('udp')
    const place = this.#fd < 0 ? this.#fd : calls.bindAnywhere(this.#fd, 'udp')
    const own = typeof place === 'number' ? place : addressOf(calls.libc, calls.numbers.system, this.#fd, 'getsockname')
    const joined = typeof own === 'object' ? calls.connect(this.#fd, { kind: 'udp', port: own.port }) : own
    if (typeof own !== 'object' || typeof joined !== 'number' || joined < 0) {
      throw new Error(`there is no datagram to ourselves: ${errorName(-Number(joined))}`)
    }
    this.port = own.port
  }

  /** Sends one and answers its number. */
  send(): number {
    this.#sent += 1
    if (this.#sent > mostMarks) throw new Error(`tshark was asked more than ${mostMarks} times`)
    const bytes = new Uint8Array(this.#sent)
    const answer = this.#calls.send(this.#fd, bytes)
    if (answer !== bytes.length) throw new Error(`the datagram to ourselves: ${errorName(-answer)}`)
    // Nobody else reads them, and a queue that is full takes no more.
    this.#calls.recv(this.#fd, bytes, false)
    return this.#sent
  }

  close(): void {
    this.#calls.libc.close(this.#fd)
  }
}

const running = new Set<ChildProcess>()

/** Tells every tshark of this process to stop, without waiting: for the moment in which the process ends. */
export const stopCaptures = (): void => {
  for (const child of running) child.kill('SIGTERM')
}

/** One capture by tshark, from the moment of {@link TsharkCapture.begin}. */
export class TsharkCapture implements Capture {
  #segments: Segment[] = []
  /** How many segments were told before each of our datagrams. */
  #places = new Map<number, number>()
  #told = 0
  #first = 0
  #problem: string | undefined
  #said: string[] = []
  #wake: () => void = () => undefined
  #marks: Marks
  #child: ChildProcess
  #folder: string
  #ended: Promise<void>

  private constructor(calls: Calls, ends: Ends, ourPort: number) {
    this.#marks = new Marks(calls)
    this.#folder = mkdtempSync(join(tmpdir(), 'finrst-tshark-'))
    const args = ['-i', 'lo', '-f', filterOf(ends, this.#marks.port), '-l', '-n', '-Q', '-s', String(snapshotBytes)]
    args.push('-B', String(bufferMegabytes), '-a', `duration:${most.seconds}`, '-c', String(most.packets))
    args.push('-T', 'fields', ...fields.flatMap((field) => ['-e', field]))
    const env = { ...process.env, TMPDIR: this.#folder, LC_ALL: 'C' }
    this.#child = spawn('tshark', args, { stdio: ['ignore', 'pipe', 'pipe'], env })
    running.add(this.#child)
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#fail(`cannot be started: ${error.message}`))
      this.#child.once('close', (code, signal) => {
        running.delete(this.#child)
        this.#fail(`ended (${signal ?? `exit code ${code}`}): ${this.#said.join(' ').trim() || 'it said nothing'}`)
        resolve()
      })
    })
    const lines = new Lines(longestLine, { line: (line) => this.#take(line, ourPort) })
    this.#child.stdout?.on('data', (bytes: Buffer) => lines.take(bytes))
    const complaints = new Lines(longestLine, { line: (line) => this.#said.length < 10 && this.#said.push(line) })
    this.#child.stderr?.on('data', (bytes: Buffer) => complaints.take(bytes))
  }

  /** Resolves when tshark captures. */
  static async begin(calls: Calls, ends: Ends, side: Side): Promise<TsharkCapture> {
    const capture = new TsharkCapture(calls, ends, side === 'us' ? ends.local : ends.remote)
    try {
      await capture.#until(1, beginMs, true)
      // What came while it was starting is not of this capture, and is told before this datagram.
      capture.#first = capture.#marks.send()
    } catch (error) {
      await capture.close()
      throw error
    } finally {
      // Both of its programs have opened their file, or have ended: its name is of no more use to anybody.
      rmSync(capture.#folder, { recursive: true, force: true })
    }
    return capture
  }

  /** All segments, those that were sent until now included. */
  async segments(): Promise<readonly Segment[]> {
    const mark = this.#marks.send()
    await this.#until(mark, tellMs, false)
    const [start, end] = [this.#places.get(this.#first), this.#places.get(mark)]
    if (start === undefined || end === undefined) throw new Error('the capture of tshark lost a datagram of ours')
    // What came while tshark was telling is later than the question.
    return this.#segments.slice(start, end)
  }

  async close(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
    this.#marks.close()
  }

  /** Waits until a datagram of ours, or a later one, has been told. */
  async #until(mark: number, ms: number, repeat: boolean): Promise<void> {
    const end = performance.now() + ms
    while (this.#told < mark) {
      if (this.#problem !== undefined) throw new Error(`tshark ${this.#problem}`)
      const left = end - performance.now()
      if (left <= 0) throw new Error(`tshark told nothing of a datagram within ${ms / 1000} s`)
      if (repeat) this.#marks.send()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, repeat ? Math.min(markEveryMs, left) : left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #fail(problem: string): void {
    this.#problem ??= problem
    this.#wake()
  }

  #take(line: string, ourPort: number): void {
    try {
      const told = parseLine(line, ourPort)
      if (typeof told === 'number') {
        this.#told = Math.max(this.#told, told)
        this.#places.set(told, this.#segments.length)
      } else {
        this.#segments.push(told)
      }
      this.#wake()
    } catch (error) {
      this.#fail((error as Error).message)
    }
  }
}
