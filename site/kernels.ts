// The kernels of the page: those of the simulation, unpacked from what was read out of spec/ when the page was built.
import { kernels as packed, type PackedKernel, questions } from 'finrst:site'
import { everyQuestion, type AnyQuestion, type RawKernelData } from '../simulation/raw-kernel.ts'
import type { Answer } from '../simulation/kernels.ts'

/** How well an answer is known. */
export type Strength = PackedKernel['answers'][number][1]

export interface PageKernel {
  kernel: RawKernelData
  strength: Readonly<Record<string, Strength>>
  name: string
}

/** One platform in one release, as the page offers it. */
export interface Choice {
  /** As a link names it: `linux-6.18`. */
  id: string
  platform: string
  /** The name of the platform, and with its release. */
  name: string
  title: string
}

const unpacked = packed.map(({ platform, name, row, releases, answers }): PageKernel => {
  const byQuestion = questions.map((question, index) => {
    const [of, strength] = answers[index] as PackedKernel['answers'][number]
    // What only a claim says is not known.
    const known = strength === 'measured' || strength === 'documented'
    const answer: Answer = { row: everyQuestion[question as AnyQuestion], of, known }
    return [question, answer, strength] as const
  })
  return {
    name,
    kernel: {
      id: `${platform} ${releases[0]}`,
      row,
      releases,
      answers: Object.fromEntries(
        byQuestion.map(([question, answer]) => [question, answer]),
      ) as RawKernelData['answers'],
    },
    strength: Object.fromEntries(byQuestion.map(([question, , strength]) => [question, strength])),
  }
})

const byChoice = new Map(
  unpacked.flatMap((kernel, index) => {
    const { platform, name, releases } = packed[index] as PackedKernel
    return releases.map((release) => {
      const id = `${platform}-${release}`
      return [id, { kernel, choice: { id, platform, name, title: `${name} ${release}` } }] as const
    })
  }),
)

/** Every platform in every release, the newest first. */
export const choices: readonly Choice[] = [...byChoice.values()].map(({ choice }) => choice)

/** What a link may call a platform: with a release, or without it the newest. */
export function findChoice(id: string): Choice | undefined {
  return byChoice.get(id)?.choice ?? choices.find(({ platform }) => platform === id)
}

/** The kernel of a platform in a release. */
export function kernelOf(id: string): PageKernel & { choice: Choice } {
  const found = byChoice.get(id)
  if (found === undefined) throw new RangeError(`no platform is called ${id}`)
  return { ...found.kernel, choice: found.choice }
}
