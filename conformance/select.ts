// Chooses checks by id, where `*` stands for anything, and suggests the nearest name for a wrong one.
import { UsageError } from './result.js'

/** A choice of ids that remembers which of its patterns were of use. */
export interface Selection {
  select(id: string): boolean
  /** The patterns that no id has matched so far. */
  unused(): string[]
}

const toRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

/** Every id if there is no pattern. */
export const makeSelection = (patterns: readonly string[]): Selection => {
  const entries = patterns.map((pattern) => ({ pattern, test: toRegExp(pattern), used: false }))
  return {
    select(id) {
      if (entries.length === 0) return true
      let selected = false
      for (const entry of entries) {
        if (!entry.test.test(id)) continue
        entry.used = true
        selected = true
      }
      return selected
    },
    unused: () => entries.filter((entry) => !entry.used).map((entry) => entry.pattern),
  }
}

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(swap, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

/** The name that was probably meant: the nearest, or one that contains what was typed. */
export const nearest = (typed: string, names: readonly string[]): string | undefined => {
  let best: string | undefined
  let least = Math.max(2, Math.floor(typed.length * 0.4)) + 1
  for (const name of names) {
    // A distance is at least the difference in length, which costs nothing to know.
    if (Math.abs(typed.length - name.length) >= least) continue
    const steps = distance(typed, name)
    if (steps < least) [best, least] = [name, steps]
  }
  return best ?? (typed.length >= 3 ? names.find((name) => name.includes(typed)) : undefined)
}

/** An error that names what does not exist, and what does. */
export const noSuch = (what: string, typed: string, names: readonly string[], where: string): UsageError => {
  const near = nearest(typed, names)
  return new UsageError(`no ${what} named ${typed}; ${near ? `did you mean ${near}?` : `see ${where}`}`)
}
