// Writes assembly/table.ts, the platform table inside the Wasm, from spec/platforms and spec/table.
//
// 1. A number comes from spec/platforms, a trait from the row that names it in `engine`, if all releases agree: the
//    engine does not know on which one it runs.
// 2. Strength is computed from the kinds of evidence, never typed. A cell that only a claim speaks for, or that is
//    unknown, sets no trait: the engine then takes the conservative branch.
// 3. The text is the subset that is AssemblyScript and erasable TypeScript, and is grouped so that it compiles small.
import { cellsOf, isSystem, strengthOf } from '../../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRows } from '../../adapters/spec/files.ts'
import type { Abi, Cell, Numbers, Platform, Row } from '../../adapters/spec/types.ts'
import { flatten } from './abi.ts'

/** One row of the compiled table: a platform, or a platform on a machine that has other numbers. */
export interface CompiledRow extends Numbers {
  name: string
  row: number
  behaviour: string
}

/** The CERTAINTY_* of a cell: to the engine the unknown is assumed. */
export function certaintyOf(cell: Cell | undefined): string {
  const strength = cell === undefined ? 'unknown' : strengthOf(cell)
  return strength === 'unknown' ? 'ASSUMED' : strength.toUpperCase()
}

/** What the engine is told: undefined where releases differ, or where only a claim, or nobody, says it. */
export function answerOf(row: Row, platform: string): string | undefined {
  const [newest, ...older] = cellsOf(row, platform)
  if (newest === undefined || older.some(({ is }) => is !== newest.is)) return undefined
  return certaintyOf(newest) === 'ASSUMED' ? undefined : newest.is
}

export function traitsOf(platform: string, rows: Row[], constants: Map<string, number>): number {
  const number = (name: string): number => {
    const value = constants.get(name)
    if (value === undefined) throw new Error(`spec/abi.json has no ${name}`)
    return value
  }
  let traits = 0
  for (const row of rows) {
    for (const { trait, setBy, clearedBy, certainty } of row.engine ?? []) {
      const answer = answerOf(row, platform)
      if (trait && setBy && answer !== undefined && setBy.includes(answer)) traits |= number(`TRAIT_${trait}`)
      const cleared = answer !== undefined && clearedBy?.includes(answer)
      if (trait && clearedBy && !cleared) traits |= number(`TRAIT_${trait}`)
      if (certainty) {
        const strength = number(`CERTAINTY_${certaintyOf(cellsOf(row, platform)[0])}`)
        traits |= strength << number(`TRAIT_${certainty}`)
      }
    }
  }
  return traits
}

/** Every row of the compiled table in the order of its number; a machine inherits what it does not override. */
export function tableRows(platforms: Platform[]): CompiledRow[] {
  const rows: CompiledRow[] = []
  for (const { id, row, constants, errors, arches } of platforms.filter(isSystem)) {
    rows.push({ name: id, row, behaviour: id, constants, errors })
    for (const arch of arches ?? []) {
      rows.push({
        name: `${id}-${arch.id}`,
        row: arch.row,
        behaviour: id,
        constants: { ...constants, ...arch.constants },
        errors: { ...errors, ...arch.errors },
      })
    }
  }
  rows.sort((a, b) => a.row - b.row)
  rows.forEach(({ name, row }, index) => {
    if (row !== index + 1) throw new Error(`spec/platforms: ${name} has row ${row}, but ${index + 1} comes next`)
  })
  return rows
}

const constantColumns: Record<string, string> = {
  SOCKET_LEVEL: 'socketLevel',
  LINGER_OPTION: 'lingerOption',
  LINGER_MOST: 'lingerMost',
  LINGER_BYTES: 'lingerBytes',
  LINGER_TICKS_OPTION: 'lingerTicksOption',
}

/** The whole table: for each column its name, its number and the value of every row; index 0 is row 1. */
export function tableColumns(abi: Abi, table: CompiledRow[], behaviour: Row[]) {
  const constants = flatten(abi)
  const columns: { name: string; which: number; values: number[] }[] = []
  for (const [name, which] of Object.entries(abi.groups.COLUMN.values)) {
    if (name === 'TRAITS') {
      columns.push({ name, which, values: table.map((row) => traitsOf(row.behaviour, behaviour, constants)) })
    } else if (name === 'ERRNO') {
      for (const [error, offset] of Object.entries(abi.groups.ERROR.values)) {
        const values = table.map(({ errors }) => errors[error]?.value ?? 0)
        columns.push({ name: `ERRNO + ERROR_${error}`, which: which + offset, values })
      }
    } else {
      const key = constantColumns[name]
      if (!key) throw new Error(`spec/abi.json: nobody knows where the column ${name} comes from`)
      columns.push({ name, which, values: table.map((row) => row.constants[key]?.value ?? 0) })
    }
  }
  return columns
}

/** The distinct lists that a group of columns holds, and which of them each row has: descendants share. */
export function families(columns: number[][]): { lists: number[][]; familyOf: number[] } {
  const lists: number[][] = []
  const familyOf = columns[0].map((_, row) => {
    const list = columns.map((values) => values[row])
    const known = lists.findIndex((other) => other.join() === list.join())
    return known >= 0 ? known : lists.push(list) - 1
  })
  return { lists, familyOf }
}

/** An errno in one byte: Winsock counts from 10000, every other platform from 0. */
function errnoByte(value: number): number {
  const byte = value >= 10000 ? value - 10000 : value
  if (byte > 255 || value >= 10000 !== value > 255) throw new Error(`errno ${value} does not fit one byte`)
  return byte
}

function packBytes(bytes: number[]): number[] {
  const words: number[] = []
  for (const [index, byte] of bytes.entries())
    words[index >> 2] = (words[index >> 2] ?? 0) | (byte << ((index & 3) << 3))
  return words
}

function dataLines(name: string, words: number[]): string[] {
  const lines =
    words
      .map((word) => `${word},`)
      .join(' ')
      .match(/.{1,100}(\s|$)/g) ?? []
  return [`const ${name}: usize = memory.data<i32>([`, ...lines.map((line) => `  ${line.trimEnd()}`), ']);']
}

export function renderTable(abi: Abi, platforms: Platform[], behaviour: Row[]): string {
  const table = tableRows(platforms)
  const columns = tableColumns(abi, table, behaviour).filter(({ name }) => !/ERROR_(NONE|OTHER)$/.test(name))
  const firstErrno = abi.groups.COLUMN.values.ERRNO + 1
  const [traits, ...others] = columns.sort((a, b) => a.which - b.which)
  const constants = others.filter(({ which }) => which < firstErrno)
  const errnos = others.filter(({ which }) => which >= firstErrno)
  for (const [index, { which, name }] of columns.entries()) {
    if (which !== index) throw new Error(`spec/abi.json: column ${name} is ${which}, but ${index} comes next`)
  }
  const value = (name: string, row: number) => constants.find((column) => column.name === name)?.values[row] ?? 0
  const packed = table.map((_, row) => value('SOCKET_LEVEL', row) | (value('LINGER_OPTION', row) << 16))
  const numbers = families([packed, table.map((_, row) => value('LINGER_MOST', row))])
  const errors = families(errnos.map(({ values }) => values))
  const winsock = errors.lists.findIndex((list) => list.some((value) => value >= 10000))
  const rows = traits.values.map(
    (bits, row) =>
      bits |
      (value('LINGER_BYTES', row) === 4 ? 1 << 14 : 0) |
      (value('LINGER_TICKS_OPTION', row) === 128 ? 1 << 15 : 0) |
      (numbers.familyOf[row] << 16) |
      (errors.familyOf[row] << 20),
  )
  const numberWords = numbers.lists.flat()
  const errorWords = packBytes(errors.lists.flat().map(errnoByte))
  return `${[
    '// Generated from spec/platforms, spec/table and spec/abi.json by scripts/generate/table.ts; do not edit.',
    '// What differs between platforms: the numbers of their socket interface and what their behaviour table answers.',
    '',
    '/** How many rows there are; row 0 is the platform that nobody knows. */',
    `export const PLATFORMS = ${table.length};`,
    ...table.map(({ name, row }) => `export const PLATFORM_${name.toUpperCase().replaceAll('-', '_')} = ${row};`),
    '',
    `// ${numbers.lists.length} lists of two words: the socket level below the option, and the most seconds.`,
    '// Behind them in the same piece of memory, in the order of ERROR_*, lists of errno:',
    `// ${errors.lists.length} of ${errnos.length} bytes each; and one word for each of 64 platforms, row 0 included:`,
    '// its traits; bit 14: struct linger is two u_short; bit 15: an option 128 counts ticks; from the bits 16 and 20',
    '// the numbers of its lists. The zeros at the end take no room in the module.',
    ...dataLines('NUMBERS', [...numberWords, ...errorWords, 0, ...rows, ...new Array(63 - rows.length).fill(0)]),
    `const ERRNOS: usize = NUMBERS + ${4 * numberWords.length};`,
    `const ROWS: usize = ERRNOS + ${4 * errorWords.length};`,
    '',
    '/**',
    ' * The word of a platform, 0 … 63, given as its number or as a context word: TRAIT_* in the low bits. 0 for a',
    ' * platform that nobody knows.',
    ' */',
    'export function row(platform: i32): i32 {',
    '  return load<i32>(ROWS + ((platform & 63) << 2));',
    '}',
    '',
    '/** What a column (COLUMN_*) holds for a platform, 0 … 63, or a context word; 0 for what is unknown. */',
    'export function column(platform: i32, which: i32): i32 {',
    '  const word = row(platform);',
    `  if (word == 0 || which > ${columns.length - 1}) return 0;`,
    '  const numbers = NUMBERS + (((word >> 16) & 15) << 3);',
    '  switch (which) {',
    '    case 0: return word & 16383; // TRAITS',
    '    case 1: return load<i32>(numbers) & 65535; // SOCKET_LEVEL',
    '    case 2: return load<i32>(numbers) >>> 16; // LINGER_OPTION',
    '    case 3: return load<i32>(numbers + 4); // LINGER_MOST',
    '    case 4: return (word & 16384) != 0 ? 4 : 8; // LINGER_BYTES',
    '    case 5: return (word & 32768) != 0 ? 128 : 0; // LINGER_TICKS_OPTION',
    `    default: return errno(word >> 20, which - ${firstErrno});`,
    '  }',
    '}',
    '',
    '// Winsock counts its errors from 10000, every other platform from 0.',
    'function errno(family: i32, index: i32): i32 {',
    `  const at = family * ${errnos.length} + index;`,
    '  const byte = (load<i32>(ERRNOS + (at & -4)) >> ((at & 3) << 3)) & 255;',
    `  return family == ${winsock} && byte != 0 ? byte + 10000 : byte;`,
    '}',
  ].join('\n')}\n`
}

/** What an adapter must know of its platform and the engine need not: the row, and the query for the send queue. */
export function renderPlatforms(platforms: Platform[]): string {
  const entries = platforms
    .filter(isSystem)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, row, arches, sendQueue }) => {
      const arch = Object.fromEntries(
        (arches ?? []).map((one) => [one.id, { row: one.row, queryNumber: one.sendQueue?.number }]),
      )
      const queue = sendQueue?.number === undefined ? undefined : sendQueue
      const query = queue && { through: queue.through, number: queue.number, countsFin: queue.countsFin === true }
      return `  ${id}: ${JSON.stringify({ row, arch, query })},`
    })
  return `// Generated from spec/platforms by scripts/generate/table.ts; do not edit.
// The row of every platform, and how its send queue is asked.

/** A platform as an adapter sees it. */
export interface PlatformRow {
  row: number
  /** Machines with other numbers: their row, and the number of the query if it differs too. */
  arch: Readonly<Record<string, { row: number; queryNumber?: number }>>
  /** How many bytes the peer's stack has not acknowledged; none: it cannot be asked. */
  query?: { through: string; number: number; countsFin: boolean }
}

export const platforms: Readonly<Record<string, PlatformRow>> = {
${entries.join('\n')}
}
`
}

export function generateTable(): Map<string, string> {
  const platforms = readPlatforms()
  return new Map([
    ['assembly/table.ts', renderTable(readAbi(), platforms, readRows())],
    ['adapters/core/platforms.ts', renderPlatforms(platforms)],
  ])
}
