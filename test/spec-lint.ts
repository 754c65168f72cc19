// The rules of the platform table, each a function that answers what is wrong.
import { existsSync } from 'node:fs'
import { cellsOf, isSystem } from '../adapters/spec/cells.ts'
import type { Abi, Cell, Evidence, EvidenceKind, Platform, Probe, Row, System } from '../adapters/spec/types.ts'
import { flatten } from '../scripts/generate/abi.ts'

/** What the rules look at: the numbers, the registry, the rows and the results of probes. */
export interface Spec {
  abi: Abi
  platforms: Platform[]
  rows: Row[]
  runs: Probe[]
}
/** A rule answers what is wrong, in words. */
export type Rule = (spec: Spec) => string[]

function everyCell({ platforms, rows }: Spec, look: (cell: Cell, row: Row) => string | undefined): string[] {
  return rows.flatMap((row) =>
    platforms.flatMap(({ id }) =>
      cellsOf(row, id).flatMap((cell) => {
        const complaint = look(cell, row)
        return complaint === undefined ? [] : [`${row.id}/${id}: ${complaint}`]
      }),
    ),
  )
}

/** A row is about systems or about runtimes: it has a cell for each of them; only languages may have one besides. */
export const cellsAreComplete: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) => {
    const ofKind = (wanted: string): string[] => platforms.filter(({ kind }) => kind === wanted).map(({ id }) => id)
    const wanted = ofKind(row.of ?? 'os')
    const allowed = row.of === 'runtime' ? [...wanted, ...ofKind('language')] : wanted
    return [
      ...wanted.filter((id) => cellsOf(row, id).length === 0).map((id) => `${row.id}: no cell for ${id}`),
      ...Object.keys(row.cells)
        .filter((id) => !allowed.includes(id))
        .map((id) => `${row.id}: a cell for ${id}, which it is not about`),
    ]
  })

export const answersAreListed: Rule = (spec) =>
  everyCell(spec, (cell, row) => {
    const said = [cell.is, ...cell.evidence.flatMap(({ says }) => says ?? [])]
    const strange = said.find((answer) => answer !== 'unknown' && !Object.hasOwn(row.answers, answer))
    return strange === undefined ? undefined : `${strange} is no answer of this row`
  })

export const evidenceFits: Rule = (spec) =>
  everyCell(spec, ({ is, evidence }) => {
    if (is === 'unknown') return evidence.length > 0 ? 'unknown, but with evidence' : undefined
    return evidence.some(({ says }) => says === undefined || says === is) ? undefined : `${is}, but without evidence`
  })

const byStrength: EvidenceKind[] = ['claim', 'doc', 'script', 'source', 'run']

/** Evidence for another answer may stand in a cell only if the cell has something stronger for its own. */
export const disagreementIsWeak: Rule = (spec) =>
  everyCell(spec, ({ is, evidence }) => {
    const strength = ({ kind }: Evidence): number => byStrength.indexOf(kind)
    const strongest = Math.max(...evidence.filter(({ says }) => says === undefined).map(strength))
    if (evidence.some(({ says }) => says === is)) return `evidence says ${is}, as the cell does anyway`
    const rival = evidence.find((one) => one.says !== undefined && strength(one) >= strongest)
    return rival && `${rival.ref} says ${rival.says}, and nothing stronger says ${is}`
  })

export const runsAgree: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) =>
    platforms.flatMap(({ id }) => {
      const answers = new Map<string, string>()
      return cellsOf(row, id).flatMap((cell) =>
        cell.evidence.flatMap(({ kind, ref, says = cell.is }) => {
          if (kind !== 'run') return []
          const system = /^probe [^:]+: ([^,]+),/.exec(ref)?.[1] ?? ref
          const before = answers.get(system) ?? says
          answers.set(system, says)
          return before === says ? [] : [`${row.id}/${id}: runs of ${system} say ${before} and ${says}`]
        }),
      )
    }),
  )

/** The system, the case and the result that a ref names; undefined if it names none. */
function resultOf(ref: string, runs: Probe[]) {
  const [, date, system = '', told = ''] = /^probe (\S+): ([^,]+), (.+)$/.exec(ref) ?? []
  const run = runs.find((one) => one.date === date)
  if (!run) return undefined
  const name = Object.hasOwn(run.cases, told) ? told : told.slice(0, told.lastIndexOf(': '))
  if (run.cases[name]?.[system] === undefined) return undefined
  return { date, name, system, ...run.systems[system] }
}

/** All evidence, of cells and of numbers, with its platform and what it stands in. */
function everyEvidence({ platforms, rows }: Spec): { where: string; id: string; one: Evidence; cell?: Cell }[] {
  return platforms.flatMap(({ id, constants = {}, numbers = {}, errorsEvidence = [], sendQueue, arches = [] }) => {
    const machines = arches.flatMap((arch) => [...Object.values(arch.constants ?? {}), arch.sendQueue])
    const numbered = [...Object.values(constants), ...Object.values(numbers), ...machines, sendQueue]
    return [
      ...[...numbered.flatMap((number) => number?.evidence ?? []), ...errorsEvidence].map((one) => ({
        where: id,
        id,
        one,
      })),
      ...rows.flatMap((row) =>
        cellsOf(row, id).flatMap((cell) => cell.evidence.map((one) => ({ where: `${row.id}/${id}`, id, one, cell }))),
      ),
    ]
  })
}

const everyRun = (spec: Spec) =>
  everyEvidence(spec)
    .filter(({ one }) => one.kind === 'run')
    .map(({ one, ...rest }) => ({ ...rest, ref: one.ref }))

/** A run names a result of spec/runs that is of the platform and of a release that the cell is about. */
export const runsAreStored: Rule = (spec) =>
  everyRun(spec).flatMap(({ where, id, ref, cell }) => {
    if (!ref.startsWith('probe ')) return existsSync(ref.replace(/#.*/, '')) ? [] : [`${where}: there is no ${ref}`]
    const found = resultOf(ref, spec.runs)
    if (found === undefined) return [`${where}: spec/runs has no ${ref}`]
    if (found.platform !== id) return [`${where}: ${found.system} is ${found.platform}`]
    const order = spec.platforms.find((platform) => platform.id === id)?.releases.map((release) => release.id) ?? []
    const at = order.indexOf(found.release ?? '')
    const newest = cell?.until === undefined ? 0 : order.indexOf(cell.until)
    const oldest = cell?.from === undefined ? order.length - 1 : order.indexOf(cell.from)
    return at >= newest && at <= oldest ? [] : [`${where}: ${found.system} is not of the releases of its cell`]
  })

/** A run is evidence only for a system that was run: what runs on another one, as Wine does, is none. */
export const runsAreReal: Rule = (spec) =>
  everyRun(spec).flatMap(({ where, id, ref }) => {
    const releases = spec.platforms.find((platform) => platform.id === id)?.releases ?? []
    return releases.some(({ known }) => known.includes('run')) ? [] : [`${where}: ${ref}, but no ${id} was run`]
  })

/** Every result of a platform of the registry is evidence of something. */
export const runsAreUsed: Rule = (spec) => {
  const used = new Set(
    everyRun(spec).map(({ ref }) => {
      const { date, system, name } = resultOf(ref, spec.runs) ?? {}
      return `${date}: ${system}, ${name}`
    }),
  )
  return spec.runs.flatMap(({ date, cases, systems }) =>
    Object.entries(cases).flatMap(([name, results]) =>
      Object.keys(results)
        .filter((system) => spec.platforms.some(({ id }) => id === systems[system]?.platform))
        .map((system) => `${date}: ${system}, ${name}`)
        .filter((result) => !used.has(result))
        .map((result) => `nothing follows from probe ${result}`),
    ),
  )
}

/** What was read is named by a commit, a tag or a revision: by something with a number, and not by a branch. */
export const sourcesAreFixed: Rule = (spec) =>
  everyEvidence(spec)
    .filter(({ one: { kind } }) => kind === 'source' || kind === 'script')
    .filter(({ one: { ref } }) => !/^[^\s@]+@[^\s:@]*\d[^\s:@]*:\S+$/.test(ref))
    .map(({ where, one: { ref } }) => `${where}: ${ref} names no commit`)

/** A note says what the answer, the question and the title do not say. */
export const notesAddSomething: Rule = (spec) =>
  everyCell(spec, ({ is, note }, row) => {
    const plain = (text = ''): string =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .trim()
    const said = [row.title, row.question, row.answers[is]].map(plain)
    const own = plain(note)
    return note !== undefined && said.some((text) => text.includes(own)) ? `the note repeats: ${note}` : undefined
  })

export const releasesAreInOrder: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) =>
    platforms.flatMap(({ id, releases }) => {
      const order = releases.map((release) => release.id)
      const cells = cellsOf(row, id)
      return cells.flatMap(({ from, until }, index) => {
        const named = [from, until].filter((release) => release !== undefined)
        const strange = named.find((release) => !order.includes(release))
        if (strange !== undefined) return [`${row.id}/${id}: ${strange} is no release of ${id}`]
        if (from !== undefined && until !== undefined && order.indexOf(from) < order.indexOf(until)) {
          return [`${row.id}/${id}: a cell ends in ${until} before it begins in ${from}`]
        }
        const newer = cells[index - 1]
        if (newer === undefined) return until === undefined ? [] : [`${row.id}/${id}: the newest cell has an end`]
        const next =
          newer.from !== undefined && until !== undefined && order.indexOf(newer.from) + 1 === order.indexOf(until)
        return next ? [] : [`${row.id}/${id}: one cell does not begin where the other ends`]
      })
    }),
  )

export type Traits = (platform: string, rows: Row[], constants: Map<string, number>) => number

/** Takes the function that computes traits, because no data alone can break this rule. */
export function claimsSetNothing({ abi, platforms, rows }: Spec, traits: Traits): string[] {
  const constants = flatten(abi)
  return rows.flatMap((row) =>
    platforms.flatMap(({ id }) => {
      const backed = cellsOf(row, id)[0]?.evidence.some(({ kind, says }) => kind !== 'claim' && says === undefined)
      if (!row.engine || backed || traits(id, [row], constants) === traits('nobody', [row], constants)) return []
      return [`${row.id}/${id}: nothing but a claim sets a trait`]
    }),
  )
}

export const engineIsFed: Rule = ({ abi, rows }) => {
  const uses = rows.flatMap((row) => (row.engine ?? []).map((use) => ({ ...use, row })))
  const fed = uses.map(({ trait, certainty }) => trait ?? certainty ?? '')
  const names = Object.keys(abi.groups.TRAIT.values)
  return [
    ...names
      .filter((name) => fed.filter((other) => other === name).length !== 1)
      .map((name) => `TRAIT_${name} needs one row`),
    ...fed.filter((name) => !names.includes(name)).map((name) => `there is no TRAIT_${name}`),
    ...rows.filter(({ of, engine }) => of && engine).map(({ id }) => `${id}: the engine is fed by a runtime`),
    ...uses.flatMap(({ setBy = [], clearedBy = [], row }) =>
      [...setBy, ...clearedBy]
        .filter((answer) => !Object.hasOwn(row.answers, answer))
        .map((answer) => `${row.id}: ${answer} is no answer of this row`),
    ),
  ]
}

export const titlesAreFacts: Rule = ({ rows }) =>
  rows.flatMap(({ id, title }) => [
    ...(title.length < 70 ? [] : [`${id}: the title has ${title.length} characters`]),
    ...(/\bshould\b/i.test(title) ? [`${id}: the title is a wish`] : []),
  ])

export const idsAreUnique: Rule = ({ platforms, rows }) => {
  const repeated = (ids: string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index)
  return [
    ...repeated(rows.map(({ id }) => id)).map((id) => `two rows are called ${id}`),
    ...repeated(platforms.map(({ id }) => id)).map((id) => `two platforms are called ${id}`),
    ...repeated(
      platforms
        .filter(({ kind }) => kind === 'os')
        .flatMap(({ row, arches = [] }) => [row, ...arches.map((arch) => arch.row)].map(String)),
    ).map((row) => `two platforms have the row ${row}`),
    ...repeated(rows.map(({ title }) => title)).map((title) => `two rows say: ${title}`),
  ]
}

export const errorsAreKnown: Rule = ({ abi, platforms }) =>
  platforms.flatMap(({ id, errors, arches = [] }) =>
    [errors, ...arches.map((arch) => arch.errors ?? {})]
      .flatMap((known) => Object.keys(known ?? {}))
      .filter((name) => !Object.hasOwn(abi.groups.ERROR.values, name))
      .map((name) => `${id}: there is no ERROR_${name}`),
  )

/** The Wasm shuts the sending side by the number 1, whatever the platform: it has to be the same everywhere. */
export const directionsAreAlike: Rule = ({ platforms }) =>
  platforms
    .filter(({ kind }) => kind === 'os')
    .flatMap(({ id, numbers = {} }) =>
      [
        ['SHUT_RD', 'SD_RECEIVE'],
        ['SHUT_WR', 'SD_SEND'],
        ['SHUT_RDWR', 'SD_BOTH'],
      ].flatMap(([posix, winsock], value) => {
        const found = numbers[posix] ?? numbers[winsock]
        return found?.value === value ? [] : [`${id}: ${posix} is ${found?.value}, not ${value}`]
      }),
    )

/** A row and its cell, to be broken. */
export function cellOf(spec: Spec, row: string, platform: string): { row: Row; cell: Cell } {
  const found = spec.rows.find(({ id }) => id === row)
  if (!found) throw new Error(`there is no row ${row}`)
  return { row: found, cell: cellsOf(found, platform)[0] }
}

/** A platform, to be broken. */
export function platformOf(spec: Spec, id: string): System {
  const found = spec.platforms.filter(isSystem).find((platform) => platform.id === id)
  if (!found) throw new Error(`there is no system ${id}`)
  return found
}
