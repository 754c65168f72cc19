// Tests the clock that many connections share: each is looked at once for each time, and in turns of their own.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Looked, lookWithin } from '../adapters/core/looks.js'
import { fact } from './support/deadline.js'

// Who tells of each look which turn of the event loop it was in, and of what it was asked.
class Watcher implements Looked {
  readonly seen: object[] = []
  readonly #then: (it: Watcher) => void

  constructor(then: (it: Watcher) => void) {
    this.#then = then
  }

  look(ticket: object): void {
    this.seen.push(ticket)
    this.#then(this)
  }
}

fact('those that wait equally long are looked at in one turn, and the next time in another', async () => {
  let turn = 0
  const turns: number[] = []
  const count = (): NodeJS.Immediate =>
    setImmediate(() => {
      turn += 1
      counting = count()
    })
  let counting = count()
  await new Promise<void>((resolve) => {
    const watchers = Array.from(
      { length: 3 },
      () =>
        new Watcher((it) => {
          turns.push(turn)
          if (it.seen.length < 4) lookWithin(2, it, true)
          else if (watchers.every(({ seen }) => seen.length === 4)) resolve()
        }),
    )
    for (const it of watchers) lookWithin(2, it, true)
  })
  clearImmediate(counting)
  assert.is(turns.length, 12)
  assert.is(new Set(turns).size, 4)
})

fact('each time has a ticket of its own, which whoever asks twice for it gets twice', async () => {
  const tickets: object[] = []
  await new Promise<void>((resolve) => {
    const it: Watcher = new Watcher(({ seen }) => {
      if (seen.length === 1) tickets.push(lookWithin(2, it, true))
      if (seen.length === 3) resolve()
    })
    tickets.push(lookWithin(2, it, true), lookWithin(2, it, true))
    assert.is(tickets[0], tickets[1])
    assert.is.not(lookWithin(1000, new Watcher(() => {}), false), tickets[0])
  })
  assert.is.not(tickets[0], tickets[2])
})

fact('one whose look throws is no harm to the others, and its error is uncaught', async () => {
  const caught = new Promise((resolve) => process.once('uncaughtException', resolve))
  const looked = new Promise<void>((resolve) => {
    lookWithin(
      2,
      new Watcher(() => {
        throw new Error('of a look')
      }),
      true,
    )
    lookWithin(2, new Watcher(() => resolve()), true)
  })
  await looked
  assert.is(((await caught) as Error).message, 'of a look')
})

test.run()
