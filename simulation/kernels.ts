// The kernels of the simulation: what each platform's kernel does, read from spec/table; nothing of it is typed here.
//
// 1. A platform whose cells differ between releases is a kernel for each group of releases that behave alike.
// 2. A cell with two answers, or with none, is every answer in turn. What rests on an unknown cell is told apart.
import { cellsOf, isSystem, strengthOf } from '../adapters/spec/cells.ts'
import type { Cell, Platform, Row, System } from '../adapters/spec/types.ts'

/** The rows that a kernel is asked about, and the short name by which it is asked. */
export const asked = {
  closePlain: 'close.plain',
  closeUnread: 'close.unread',
  closeUnreadCloseWait: 'close.unread-close-wait',
  closeUnreadAfterFin: 'close.unread-after-fin',
  closeLateData: 'close.late-data',
  armedEstablished: 'close.linger-zero.established',
  armedUnread: 'close.linger-zero.unread',
  armedCloseWait: 'close.linger-zero.close-wait',
  armedFinWaitOne: 'close.linger-zero.fin-wait-one',
  armedFinWaitTwo: 'close.linger-zero.fin-wait-two',
  armedClosing: 'close.linger-zero.closing',
  armedTimeWait: 'close.linger-zero.time-wait',
  armedUnsent: 'close.linger-zero.unsent',
  closeShared: 'close.shared',
  exitDefault: 'exit.default',
  exitArmed: 'exit.armed',
  exitUnread: 'exit.unread',
  shutdownWrite: 'shutdown.write',
  shutdownAfterReset: 'shutdown.after-reset',
  shutdownShared: 'shutdown.shared',
  setAfterShutdown: 'linger.set-after-shutdown',
  setAfterBoth: 'linger.set-after-both',
  setAfterReset: 'linger.set-after-reset',
  disconnect: 'abort.keep-descriptor',
  resetAfterFin: 'reset.after-fin',
  resetReceiveQueue: 'reset.receive-queue',
  sendQueue: 'unacked.query',
} as const

export type Question = keyof typeof asked

/** What a kernel answers to one question: one of these; `known` is false where the table says unknown. */
export interface Answer {
  row: string
  of: readonly string[]
  known: boolean
}

/** One kernel: a platform, or those of its releases that behave alike. */
export interface KernelOf<Asked extends string> {
  id: string
  /** The number of its row in the compiled table: what the engine is told. */
  row: number
  /** The releases that it stands for, the newest first. */
  releases: readonly string[]
  answers: Readonly<Record<Asked, Answer>>
}

export type Kernel = KernelOf<Question>

// A cell that says that either may happen stands for both.
const either: Readonly<Record<string, readonly string[]>> = { either: ['reset', 'fin'] }

/** The cell of a platform for one of its releases, by its place. */
export function cellAt(row: Row, { id, releases }: Platform, release: number): Cell | undefined {
  const order = releases.map((one) => one.id)
  return cellsOf(row, id).find(
    ({ from, until }) =>
      (from === undefined || release <= order.indexOf(from)) &&
      (until === undefined || release >= order.indexOf(until)),
  )
}

function answerAt(row: Row, platform: Platform, release: number): Answer {
  const cell = cellAt(row, platform, release)
  // What only a claim says is not known.
  if (cell === undefined || strengthOf(cell) === 'unknown' || strengthOf(cell) === 'assumed')
    return { row: row.id, of: Object.keys(row.answers), known: false }
  return { row: row.id, of: either[cell.is] ?? [cell.is], known: true }
}

function kernelsOf<Asked extends string>(
  platform: System,
  rows: ReadonlyMap<string, Row>,
  questions: Readonly<Record<Asked, string>>,
): KernelOf<Asked>[] {
  const found = new Map<string, KernelOf<Asked> & { releases: string[] }>()
  for (const [index, release] of platform.releases.entries()) {
    const answers = Object.fromEntries(
      Object.entries<string>(questions).map(([question, id]) => {
        const row = rows.get(id)
        if (row === undefined) throw new Error(`spec/table has no row ${id}`)
        return [question, answerAt(row, platform, index)]
      }),
    ) as KernelOf<Asked>['answers']
    const key = JSON.stringify(answers)
    const known = found.get(key)
    if (known !== undefined) known.releases.push(release.id)
    else found.set(key, { id: platform.id, row: platform.row, answers, releases: [release.id] })
  }
  return [...found.values()].map((kernel) => {
    const { id, releases } = kernel
    const oldest = releases.at(-1)
    return { ...kernel, id: found.size === 1 ? id : `${id} ${oldest}${releases.length > 1 ? `-${releases[0]}` : ''}` }
  })
}

/**
 * Every kernel that the table tells apart by the answers to these questions, in the order of their rows in the compiled
 * table. Machines with other numbers behave as their platform does.
 */
export function everyKernel<Asked extends string>(
  platforms: readonly Platform[],
  rows: readonly Row[],
  questions: Readonly<Record<Asked, string>>,
): KernelOf<Asked>[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return platforms
    .filter(isSystem)
    .sort((a, b) => a.row - b.row)
    .flatMap((platform) => kernelsOf(platform, byId, questions))
}
