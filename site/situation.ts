// A situation of the page and the link that restores it: lanes, events, and how many of them have been played.
//
// #lanes=linux-6.18,node,none;macos-15,go,compatible+onDrop:abort&events=write,kill&at=1&choices=0.closeUnread.1
// What a link names and this page does not know is left out, and told.
import { parsePolicy, presets } from '../adapters/core/policy.js'
import type { PolicyOptions, PresetName } from '../adapters/core/types.js'
import { everyQuestion } from '../simulation/raw-kernel.ts'
import { eventOf } from './events.ts'
import { findChoice } from './kernels.ts'
import type { Choices, LaneSetup } from './play.ts'
import { findRuntime } from './runtimes.ts'

export interface Situation {
  lanes: LaneSetup[]
  events: string[]
  /** How many of the events have been played. */
  at: number
}

/** What was read out of a link, and what of it is not known. */
export interface ReadLink {
  situation: Situation | undefined
  unknown: string[]
}

export const mostLanes = 3
const mostEvents = 40

/** A policy as a link names it. */
export function policyWord(policy: PolicyOptions | undefined): string {
  if (policy === undefined) return 'none'
  const { preset = 'compatible', ...answers } = policy
  return [preset, ...Object.entries(answers).map(([name, answer]) => `${name}:${answer}`)].join('+')
}

/** The policy of such a word; throws if there is none. */
export function readPolicy(word: string): PolicyOptions | undefined {
  if (word === 'none') return undefined
  const [preset = '', ...answers] = word.split('+')
  if (!Object.hasOwn(presets, preset)) throw new RangeError(`no policy is called ${word}`)
  const options: PolicyOptions = { preset: preset as PresetName }
  for (const answer of answers) {
    const [name = '', value = ''] = answer.split(':')
    Object.assign(options, { [name]: value })
  }
  parsePolicy(options, true)
  return options
}

const laneWord = ({ platform, runtime, policy }: LaneSetup): string => [platform, runtime, policyWord(policy)].join(',')

/** A link to a situation, from its # on. */
export function linkTo({ lanes, events, at }: Situation): string {
  const choices = lanes.flatMap((lane, index) =>
    Object.entries(lane.choices).map(([question, place]) => `${index}.${question}.${place}`),
  )
  const parts = [`lanes=${lanes.map(laneWord).join(';')}`, `events=${events.join(',')}`]
  if (at !== events.length) parts.push(`at=${at}`)
  if (choices.length > 0) parts.push(`choices=${choices.join(',')}`)
  return `#${parts.join('&')}`
}

function readLane(word: string, unknown: string[]): LaneSetup[] {
  const [platform = '', runtime = '', policy = ''] = word.split(',')
  const choice = findChoice(platform)
  if (choice === undefined) unknown.push(platform)
  if (findRuntime(runtime) === undefined) unknown.push(runtime)
  try {
    const options = readPolicy(policy)
    if (choice === undefined || findRuntime(runtime) === undefined) return []
    return [{ platform: choice.id, runtime, policy: options, choices: {} }]
  } catch {
    unknown.push(policy)
    return []
  }
}

function readChoices(words: readonly string[], lanes: LaneSetup[], unknown: string[]): void {
  for (const word of words) {
    const [lane = '', question = '', place = ''] = word.split('.')
    const found = lanes[Number(lane)]
    const known = Object.hasOwn(everyQuestion, question) && /^[0-9]$/.test(place)
    if (found === undefined || !known) unknown.push(word)
    else found.choices = { ...found.choices, [question]: Number(place) } as Choices
  }
}

const wordsOf = (text: string | null, separator: string): string[] =>
  (text ?? '').split(separator).filter((word) => word !== '')

/** Reads a link, from its # on; no situation if it names no lane that is known. */
export function readLink(hash: string): ReadLink {
  // A + is ours, and not a blank.
  const given = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B'))
  const unknown: string[] = []
  const lanes = wordsOf(given.get('lanes'), ';').flatMap((word) => readLane(word, unknown))
  const named = wordsOf(given.get('events'), ',')
  const events = named.filter((event) => eventOf(event) !== undefined)
  unknown.push(...named.filter((event) => eventOf(event) === undefined))
  readChoices(wordsOf(given.get('choices'), ','), lanes, unknown)
  if (lanes.length === 0) return { situation: undefined, unknown }
  const at = given.get('at')
  const place = at === null || !/^\d+$/.test(at) ? events.length : Number(at)
  const cut = events.slice(0, mostEvents)
  return { situation: { lanes: lanes.slice(0, mostLanes), events: cut, at: Math.min(place, cut.length) }, unknown }
}
