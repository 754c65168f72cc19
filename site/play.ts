// Plays a situation: every lane with the same events, and where the table does not know, every answer that is possible.
import type { Loader } from '../simulation/engine.ts'
import type { AnyQuestion, AskedAnswer, Choose } from '../simulation/raw-kernel.ts'
import { type LaneConfig, type LaneResult, playLane } from './lane.ts'
import type { Outcome } from './outcome.ts'

/** Answers that somebody has chosen where several are possible: their places, by question. */
export type Choices = Readonly<Partial<Record<AnyQuestion, number>>>

export interface LaneSetup extends LaneConfig {
  choices: Choices
}

/** A lane as the page shows it. */
export interface PlayedLane extends LaneResult {
  /** What it rests on: questions of the table with several answers. */
  forks: AskedAnswer[]
  /** Every outcome that is possible, the shown one first. */
  outcomes: Outcome[]
}

const mostBranches = 48

const chooseBy =
  (choices: Choices): Choose =>
  (question, of) =>
    Math.min(choices[question] ?? 0, of.length - 1)

const forksOf = ({ asked }: LaneResult): AskedAnswer[] => {
  const found = new Map(asked.filter(({ of }) => of.length > 1).map((each) => [each.question, each]))
  return [...found.values()]
}

/** Every combination of answers to questions that come up on the way, beginning with those that were chosen. */
function everyOutcome(load: Loader, lane: LaneSetup, events: readonly string[]): Outcome[] {
  const found = new Map<string, Outcome>()
  const waiting: Choices[] = [lane.choices]
  const tried = new Set<string>()
  for (let branch = 0; branch < mostBranches; branch += 1) {
    const choices = waiting.shift()
    if (choices === undefined) break
    const result = playLane(load, lane, events, chooseBy(choices))
    const { outcome } = result
    if (!found.has(outcome.reads)) found.set(outcome.reads, outcome)
    for (const { question, of } of forksOf(result)) {
      for (let place = 0; place < of.length; place += 1) {
        const next = { ...choices, [question]: place }
        const key = JSON.stringify(Object.entries(next).sort())
        if (tried.has(key)) continue
        tried.add(key)
        waiting.push(next)
      }
    }
  }
  return [...found.values()]
}

/** Plays the events on one lane. */
export function play(load: Loader, lane: LaneSetup, events: readonly string[]): PlayedLane {
  const result = playLane(load, lane, events, chooseBy(lane.choices))
  const forks = forksOf(result)
  return { ...result, forks, outcomes: forks.length === 0 ? [result.outcome] : everyOutcome(load, lane, events) }
}

/** Whether one more event would do something on any of the lanes. */
export function possible(
  load: Loader,
  lanes: readonly LaneSetup[],
  events: readonly string[],
  candidates: readonly string[],
): Set<string> {
  const happens = (lane: LaneSetup, event: string): boolean =>
    playLane(load, lane, [...events, event], chooseBy(lane.choices)).steps.at(-1)?.happened === true
  return new Set(candidates.filter((event) => lanes.some((lane) => happens(lane, event))))
}
