// Writes docs/platforms.md, the behaviour of every platform for people, from spec/table and spec/platforms.
import { cellsOf, everyStrength, groupOf, isSystem, kindOf, releasesOf, strengthOf } from '../../adapters/spec/cells.ts'
import { readPlatforms, readRows } from '../../adapters/spec/files.ts'
import type { Arch, Cell, Platform, Row, Strength, System } from '../../adapters/spec/types.ts'
import { marks } from '../../conformance/text.ts'
import { clauseLink, code, generatedBy, heading, plain, table } from './markdown.ts'

const introduction = (rows: readonly Row[], platforms: readonly Platform[]): string[] => {
  const cells = rows.flatMap((row) => platforms.flatMap(({ id }) => cellsOf(row, id)))
  const count = (strength: Strength): number => cells.filter((cell) => strengthOf(cell) === strength).length
  const counts = everyStrength.map((strength) => `${count(strength)} ${strength}`).join(', ')
  return [
    '# What each platform does',
    '',
    'How a TCP connection ends is decided by more than the program: by what the system does when a socket is',
    'closed with bytes unread, when a process dies, when an option is set too late. This is the table of that',
    'behaviour: one *row* for each behaviour, and in each row one *cell* for each platform. The data is',
    '`spec/table` and `spec/platforms` (CC0); `npx finrst table` prints it, `npx finrst table <row>` prints one',
    'row, and `finrst/spec` exports it with types.',
    '',
    '## How to read it',
    '',
    'First come small tables, one for each group of rows, with a column for each platform. A cell is a short',
    'answer with a mark before it; what the answer means stands in the section of its row, to which the name of',
    'the row leads. The newest release is shown; `*` tells that older ones differ. A row is about operating',
    'systems, or about the runtimes on top of them.',
    '',
    ...table(
      ['mark', 'strength', 'means'],
      [
        [marks.measured, 'measured', 'at least one run of the real system gave this answer'],
        [
          marks.documented,
          'documented',
          'it was read in a source, in a maintained test of somebody else, or in a manual',
        ],
        [marks.assumed, 'assumed', 'somebody reports it, or it is inferred; nothing better is known'],
        [marks.unknown, 'unknown', 'there is no evidence'],
      ],
    ),
    '',
    `There are ${rows.length} rows with ${cells.length} cells: ${counts}.`,
    '',
    '### Evidence',
    '',
    'Every cell that is not unknown lists its evidence, each with a reference. The kinds, strongest first:',
    '',
    '- `run`: the real system was made to do it and was watched. The reference names the day, the system and the',
    '  case.',
    '- `source`: it was read in the source of the system, as `repository@revision:path#symbol`.',
    "- `script`: a maintained test of somebody else expects it, such as packetdrill's; the same kind of",
    '  reference.',
    '- `doc`: a manual or another document of the maker says so.',
    '- `claim`: a report, a thread, an inference.',
    '',
    'Strength is computed from the kinds and never typed: a `run` makes a cell *measured*; a `source`, `script`',
    'or `doc` makes it *documented*; a `claim` alone leaves it *assumed*. Evidence that contradicts its cell is',
    'listed with what it says and does not count. A test fails if a run contradicts its cell, or two runs of one',
    'system each other.',
    '',
    'Of Windows nothing was measured. `npm run wine` runs the code for it in Node for Windows under Wine, whose TCP',
    'is that of the system below: no run of it is evidence here, and what it cannot show (what a close with an',
    'overlapped receive sends, what a death does, a reset behind SD_SEND, how a reset is received) is read,',
    'reported or unknown.',
    '',
    'Some rows feed the policy engine, and say so. What is unknown or only assumed never does: the engine then',
    'takes the conservative branch. The strength of the cell that a verdict rests on is its `certainty`.',
    '',
  ]
}

/** A blank at which no line is broken. */
const together = '\u00a0'

const shortAnswer = (row: Row, platform: string): string => {
  const [newest, ...older] = cellsOf(row, platform)
  if (newest === undefined) return ''
  const strength = strengthOf(newest)
  const answer = strength === 'unknown' ? marks.unknown : `${marks[strength]}${together}${newest.is}`
  return `${answer}${older.length > 0 ? '\\*' : ''}`
}

const present = (rows: readonly Row[], platforms: readonly Platform[]): Platform[] =>
  platforms.filter(({ id }) => rows.some(({ cells }) => Object.hasOwn(cells, id)))

/** The small tables of a group, one for systems and one for runtimes. */
function matrices(group: string, rows: readonly Row[], platforms: readonly Platform[]): string[] {
  return (['os', 'runtime'] as const).flatMap((kind) => {
    const alike = rows.filter((row) => kindOf(row) === kind)
    if (alike.length === 0) return []
    const columns = present(alike, platforms)
    const body = alike.map((row) => [
      `[${row.id.slice(group.length + 1)}](#${row.id})`,
      ...columns.map(({ id }) => shortAnswer(row, id)),
    ])
    return [...table([group, ...columns.map(({ id }) => id)], body), '']
  })
}

const evidenceWords = (cell: Cell): string => {
  const refs = cell.evidence.map(({ kind, ref, says }) => {
    const against = says === undefined || says === cell.is ? '' : `, says ${plain(says)}: does not count`
    return `${kind} ${code(ref)}${against}`
  })
  return [...(cell.note === undefined ? [] : [plain(cell.note)]), ...refs].join('<br>')
}

const engineWords = (row: Row): string => {
  const uses = (row.engine ?? []).map(({ trait, certainty }) => code(trait ?? certainty ?? ''))
  return uses.length === 0 ? '' : `The engine reads it: ${uses.join(', ')}.`
}

/** Everything about one row. */
function section(row: Row, platforms: readonly Platform[]): string[] {
  const scripts = (row.wire ?? []).map((script) => `[${script}](../spec/wire/${script}.wire)`)
  const shown = scripts.length > 0 ? `Shown by ${scripts.join(', ')}.` : `Script: ${plain(row.noWire ?? 'none')}.`
  const clause = row.clause === undefined ? '' : `Clause: ${clauseLink(row.clause)}.`
  const known = present([row], platforms)
  const cells = known.flatMap(({ id }) =>
    cellsOf(row, id)
      .filter(({ is, note }) => is !== 'unknown' || note !== undefined)
      .map((cell) => [
        id,
        `${marks[strengthOf(cell)]}${together}${plain(cell.is)}`,
        plain(releasesOf(cell)),
        evidenceWords(cell),
      ]),
  )
  const unknown = known.filter(({ id }) => cellsOf(row, id).some(({ is }) => is === 'unknown')).map(({ id }) => id)
  return [
    heading(3, row.id, `${row.id}: ${plain(row.title)}`),
    '',
    plain(row.question),
    '',
    ...Object.entries(row.answers).map(([is, means]) => `- ${code(is)}: ${plain(means)}`),
    '',
    [clause, shown, engineWords(row)].filter(Boolean).join(' '),
    '',
    ...(cells.length === 0 ? [] : [...table(['platform', 'answer', 'releases', 'note and evidence'], cells), '']),
    ...(unknown.length === 0 ? [] : [`Unknown: ${unknown.join(', ')}.`, '']),
  ]
}

function registry(platforms: readonly Platform[]): string[] {
  const rows = platforms.map(({ id, name, releases, arches = [] }) => [
    id,
    plain(name),
    releases.map((release) => `${plain(release.name)} (${release.known.join(', ')})`).join('<br>'),
    arches.map((arch) => `${id}-${arch.id}`).join(', '),
  ])
  return [
    '## The platforms',
    '',
    'What was looked at, newest release first, and how. A machine with numbers of its own behaves as its system',
    'does.',
    '',
    ...table(['id', 'name', 'looked at', 'machines'], rows),
    '',
  ]
}

interface Column {
  name: string
  of: System | Arch
  base: System
}

/** The numbers of the socket interface: a row for each name, a column for each system and machine. */
function numbers(platforms: readonly Platform[]): string[] {
  const columns: Column[] = platforms
    .filter(isSystem)
    .flatMap((base) => [
      { name: base.id, of: base, base },
      ...(base.arches ?? []).map((of) => ({ name: `${base.id}-${of.id}`, of, base })),
    ])
  const keys = (kind: 'constants' | 'errors'): string[] => [
    ...new Set(columns.flatMap(({ base }) => Object.keys(base[kind]))),
  ]
  const lines = (kind: 'constants' | 'errors'): string[][] =>
    keys(kind).map((key) => [
      code(key),
      ...columns.map(({ of, base }) => {
        const found = of[kind]?.[key] ?? base[kind][key]
        return found === undefined ? '' : `${plain(found.name)} ${found.value}`
      }),
    ])
  const queue = columns.map(({ of, base }) => {
    const { name, number } = of.sendQueue ?? base.sendQueue ?? { name: '', number: undefined }
    return [plain(name), number ?? ''].join(' ').trim()
  })
  const head = ['', ...columns.map(({ name }) => name)]
  return [
    '## Their numbers',
    '',
    'Constants of the socket interface, the query for bytes that the peer has not confirmed, and the errno behind',
    'each error of the ABI; the name is that of the C header. `lingerMost` is the most seconds that mean what',
    'they say.',
    '',
    ...table(head, [...lines('constants'), [code('sendQueue'), ...queue], ...lines('errors')]),
    '',
  ]
}

/** The document as it is for this data. */
export function renderPlatformsDoc(rows: readonly Row[], platforms: readonly Platform[]): string {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(groupOf(row.id), [...(groups.get(groupOf(row.id)) ?? []), row])
  const lines = [
    generatedBy('spec/table and spec/platforms', 'platforms-doc.ts'),
    '',
    ...introduction(rows, platforms),
    '## The table',
    '',
    `Groups: ${[...groups.keys()].map((group) => `[${group}](#${group})`).join(' · ')}`,
    '',
    ...[...groups].flatMap(([group, members]) => [
      heading(3, group, group),
      '',
      ...matrices(group, members, platforms),
    ]),
    ...registry(platforms),
    ...numbers(platforms),
    '## The rows',
    '',
    ...rows.flatMap((row) => section(row, platforms)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** The generated file, by path. */
export function generatePlatformsDoc(): Map<string, string> {
  return new Map([['docs/platforms.md', renderPlatformsDoc(readRows(), readPlatforms())]])
}
