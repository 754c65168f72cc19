// The endings of HTTP: what each is called, and how a server may count the connection of a client that has met it.
import type { Summary, Verdict } from '#adapter/index'

/**
 * What becomes of a connection: several answers, and then its client ends it; one that is the last, one that comes in
 * another turn of the event loop; a refusal in the middle of an upload; half an answer; a client that resets it.
 */
export const webEndings = ['whole', 'last', 'later', 'early', 'broken', 'left'] as const
export type WebEnding = (typeof webEndings)[number]

/** How a connection may have ended by what its client saw; a client that refuses to read on may reset. */
const lawful: Record<WebEnding, readonly Verdict['ended'][]> = {
  whole: ['fin'],
  last: ['fin'],
  later: ['fin'],
  early: ['fin', 'reset'],
  broken: ['reset'],
  left: ['reset'],
}

/** What contradicts the clients in the counts of a server, in words. */
export const contradictions = (
  { connections, unguarded, ended }: Pick<Summary, 'connections' | 'unguarded' | 'ended'>,
  made: Partial<Record<WebEnding, number>>,
): string[] => {
  const total = (allows: (lawful: readonly Verdict['ended'][]) => boolean): number =>
    Object.entries(lawful).reduce((sum, [what, how]) => sum + (allows(how) ? (made[what as WebEnding] ?? 0) : 0), 0)
  const all = total(() => true)
  const count =
    connections === all && unguarded === 0
      ? []
      : [`${connections} counted and ${unguarded} unguarded, not ${all} and none`]
  const wrong = Object.entries(ended).flatMap(([how, number]) => {
    const most = total((each) => each.includes(how as Verdict['ended']))
    const least = total((each) => each.length === 1 && each[0] === how)
    return number >= least && number <= most ? [] : [`${number} counted as ${how}, not ${least} to ${most}`]
  })
  return [...count, ...wrong]
}
