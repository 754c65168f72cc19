// What the kernel does to the world when it is called, and when the last descriptor goes: the answers are the table's.
import type { Kernel, Question } from './kernels.ts'
import { Arrival, Fin, Rst, Unit, type World } from './world.ts'

/** Picks one of n; every pick is tried in turn. */
export type Pick = (of: number) => number

/** The questions in the order of their numbers; `World.guess` holds the number, from 1, of the first unknown one. */
const questions: Question[] = []

const numberOf = (question: Question): number => {
  const known = questions.indexOf(question)
  return known >= 0 ? known + 1 : questions.push(question)
}

/** One kernel at work on one world. 0 is success, 1 an error; which error decides nothing. */
export class KernelAtWork {
  constructor(
    readonly kernel: Kernel,
    readonly world: World,
    readonly pick: Pick,
  ) {}

  answer(question: Question): string {
    const { of, known } = this.kernel.answers[question]
    if (!known && this.world.guess === 0) this.world.guess = numberOf(question)
    return (of.length === 1 ? of[0] : of[this.pick(of.length)]) as string
  }

  /** The row of the first unknown cell that this world rests on. */
  get guessed(): string {
    const question = questions[this.world.guess - 1]
    return question === undefined ? 'nothing unknown' : `${this.kernel.answers[question].row}/${this.kernel.id}`
  }

  get peerFinHere(): boolean {
    return this.world.peerFin >= Arrival.HERE
  }

  setLinger(armed: number): number {
    const { world } = this
    const question = world.dead
      ? 'setAfterReset'
      : world.fin === Fin.NONE
        ? undefined
        : this.peerFinHere
          ? 'setAfterBoth'
          : 'setAfterShutdown'
    if (question !== undefined && this.answer(question) !== 'ok') return 1
    world.linger = armed
    return 0
  }

  shutdownWrite(): number {
    const { world } = this
    if (world.dead) {
      this.answer('shutdownAfterReset')
      return 1
    }
    if (world.other) this.answer('shutdownShared')
    if (this.answer('shutdownWrite') === 'fin') world.fin = Fin.QUEUED
    return 0
  }

  /** The abort that keeps the descriptor; some kernels want the option first. */
  disconnect(): number {
    const { world } = this
    if (world.dead) return 1
    if (this.answer('disconnect') !== 'resets') return 1
    if (this.#armedAnswer() === 'reset') this.reset()
    world.dead = 1
    return 0
  }

  /** Our reset leaves: what was never sent is thrown away with it. */
  reset(): void {
    const { world } = this
    if (world.unitA === Unit.QUEUED) world.unitA = Unit.LOST
    if (world.unitB === Unit.QUEUED) world.unitB = Unit.LOST
    if (world.fin === Fin.QUEUED) world.fin = Fin.NONE
    if (world.fin !== Fin.NONE) world.behind = 1
    world.dead = 1
    world.rst = Rst.FLYING
  }

  /** The kernel resets although nobody asked it to: a FIN that it had taken is gone or contradicted. */
  resetUnasked(): void {
    if (this.world.fin !== Fin.NONE) this.world.behind = 1
    this.reset()
  }

  /** To be called when a descriptor was closed: the last one ends the connection. */
  closed(dying: boolean): void {
    const { world } = this
    if (world.runtime || world.duplicate) return
    if (world.other) {
      // Somebody else holds the socket: it is theirs to end.
      this.answer('closeShared')
      return
    }
    if (world.dead) return
    const ending = dying ? this.#death() : this.#lastClose()
    if (ending === 'reset') world.linger ? this.reset() : this.resetUnasked()
    else if (ending === 'gone') world.dead = 1
    else if (ending === 'fin' && world.fin === Fin.NONE) world.fin = Fin.QUEUED
    // What nobody read is thrown away.
    if (world.data === Arrival.HERE) world.data = Arrival.TAKEN
  }

  #lastClose(): string {
    const { world } = this
    const unread = world.data === Arrival.HERE
    if (world.linger) {
      const armed = this.#armedAnswer()
      if (armed !== 'nothing' || !unread) return armed
    }
    if (unread) return this.#unreadAnswer()
    return world.fin === Fin.NONE ? this.answer('closePlain') : 'nothing'
  }

  #death(): string {
    const { world } = this
    if (world.fin !== Fin.NONE) {
      const { of } = this.kernel.answers.exitDefault
      // Where death resets, nobody looked at a death behind a FIN.
      if (of.length === 1 && of[0] === 'reset') return this.deathBehindFin()
      return this.#lastClose()
    }
    if (world.linger) return this.answer('exitArmed')
    return this.answer(world.data === Arrival.HERE ? 'exitUnread' : 'exitDefault')
  }

  protected deathBehindFin(): string {
    if (this.world.guess === 0) this.world.guess = numberOf('exitDefault')
    return this.pick(2) === 0 ? 'reset' : 'nothing'
  }

  /** What a close with SO_LINGER {1,0} sends in this state of the connection (RFC 9293 3.10.5). */
  #armedAnswer(): string {
    const { world } = this
    if (world.fin === Fin.NONE) {
      if (this.peerFinHere) return this.answer('armedCloseWait')
      if (world.unitA === Unit.QUEUED || world.unitB === Unit.QUEUED) this.answer('armedUnsent')
      return this.answer(world.data === Arrival.HERE ? 'armedUnread' : 'armedEstablished')
    }
    if (world.fin !== Fin.ACKED) {
      const answer = this.answer(this.peerFinHere ? 'armedClosing' : 'armedFinWaitOne')
      if (answer !== 'nothing-if-sent') return answer
      return world.fin === Fin.QUEUED ? 'reset' : 'gone'
    }
    return this.answer(this.peerFinHere ? 'armedTimeWait' : 'armedFinWaitTwo')
  }

  #unreadAnswer(): string {
    const { world } = this
    if (world.fin !== Fin.NONE) return this.answer('closeUnreadAfterFin')
    return this.answer(this.peerFinHere ? 'closeUnreadCloseWait' : 'closeUnread')
  }
}
