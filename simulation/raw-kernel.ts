// A kernel as a program without a guard meets it: shutdown of the receiving side, a second shutdown, SO_LINGER {1,N}.
//
// 1. Every answer is the table's, and is kept in `asked` with the answer that was taken where there are several.
// 2. Which of several is taken says `choose`; an unknown cell is every answer of its row.
import { KernelAtWork } from './kernel.ts'
import { asked, type KernelOf, type Question } from './kernels.ts'
import { Arrival, Fin, type World } from './world.ts'

/** The rows that only such a program asks about. */
const askedMore = {
  shutReadQueued: 'shut-rd.queued-data',
  shutReadLate: 'shut-rd.late-data',
  shutBothLate: 'shut-rd.both-late-data',
  shutReadReceive: 'shut-rd.receive',
  shutReadTwice: 'shutdown.read-twice',
  shutReadAfterFin: 'shutdown.read-after-peer-fin',
  closeUnreadAfterShutRead: 'close.unread-after-shut-read',
  closeLateAfterShutRead: 'shut-rd.close-late-data',
  shutWriteTwiceReturn: 'shutdown.write-twice-return',
  shutWriteTwice: 'shutdown.write-twice',
  shutWriteClosed: 'shutdown.closed',
  lingerUnit: 'linger.unit',
  lingerTimeout: 'linger.timeout',
  lingerNonblocking: 'linger.nonblocking',
  resetErrno: 'reset.errno',
} as const

/** Every row that a simulated connection asks about, and the short name by which it is asked. */
export const everyQuestion = { ...asked, ...askedMore } as const
export type AnyQuestion = keyof typeof everyQuestion
export type RawKernelData = KernelOf<AnyQuestion>

/** An answer of the table that was needed. */
export interface AskedAnswer {
  question: AnyQuestion
  row: string
  /** Every answer that is possible; the one that was taken. */
  of: readonly string[]
  is: string
  /** False where the table says unknown. */
  known: boolean
}

/** Which of several answers is taken: its place. */
export type Choose = (question: AnyQuestion, of: readonly string[]) => number

export class RawKernel extends KernelAtWork {
  readonly asked: AskedAnswer[] = []
  /** The receiving side is shut; data came afterwards. */
  shutRead = false
  #late = false

  constructor(
    readonly data: RawKernelData,
    world: World,
    readonly choose: Choose,
  ) {
    // A pick that is not an answer of the table is the first, which is success.
    super(data, world, () => 0)
  }

  ask(question: AnyQuestion): string {
    const { of, known, row } = this.data.answers[question]
    const is = of[of.length === 1 ? 0 : this.choose(question, of)] ?? (of[0] as string)
    this.asked.push({ question, row, of, is, known })
    // From here on the world rests on what nobody knows.
    if (!known && this.world.guess === 0) this.world.guess = 1
    return is
  }

  override answer(question: Question): string {
    if (question === 'closeUnread' && this.shutRead)
      return this.ask(this.#late ? 'closeLateAfterShutRead' : 'closeUnreadAfterShutRead')
    return this.ask(question)
  }

  protected override deathBehindFin(): string {
    const of = ['reset', 'nothing']
    const is = of[this.choose('exitDefault', of)] ?? 'reset'
    this.asked.push({ question: 'exitDefault', row: 'exit.default', of, is, known: false })
    return is
  }

  /** shutdown(SHUT_RD); answers '0' or the error. */
  shutdownRead(): string {
    const { world } = this
    if (this.shutRead) return result(this.ask('shutReadTwice'))
    if (this.peerFinHere && result(this.ask('shutReadAfterFin')) !== '0') return 'ENOTCONN'
    this.shutRead = true
    if (world.data !== Arrival.HERE) return '0'
    const fate = this.ask('shutReadQueued')
    if (fate !== 'kept') world.data = Arrival.TAKEN
    if (fate === 'reset') this.resetUnasked()
    return '0'
  }

  /** shutdown(SHUT_WR), the first or once more; answers '0' or the error. */
  shutdownWriteRaw(): string {
    const { world } = this
    if (world.dead) return this.ask('shutdownAfterReset')
    if (world.fin === Fin.NONE) {
      this.shutdownWrite()
      return '0'
    }
    if (this.peerFinHere) return result(this.ask('shutWriteClosed'))
    const returned = result(this.ask('shutWriteTwiceReturn'))
    // Only once our FIN is confirmed does it shut the receiving side.
    if (returned === '0' && world.fin === Fin.ACKED && this.ask('shutWriteTwice') === 'closes-receiving')
      this.shutRead = true
    return returned
  }

  /** A unit of the peer arrives after SHUT_RD; false: it is an ordinary one. */
  takeLate(): boolean {
    const { world } = this
    if (!this.shutRead || world.dead || world.data !== Arrival.FLYING) return false
    const fate = this.ask(world.fin === Fin.NONE ? 'shutReadLate' : 'shutBothLate')
    this.#late = true
    world.data = fate === 'kept' ? Arrival.HERE : Arrival.TAKEN
    if (fate === 'reset') this.resetUnasked()
    return true
  }

  /** What read() returns after SHUT_RD when nothing is there. */
  readAfterShut(): string {
    return this.ask('shutReadReceive') === 'eof' ? '0' : 'ESHUTDOWN'
  }
}

const result = (answer: string): string => (answer === 'ok' || answer === 'ok-fin' ? '0' : answer)
