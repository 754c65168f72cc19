// The platform table: rows by group, a cell for each platform, and the evidence behind every one of them.
//
// Its data is a script of its own, loaded when the table is opened: a page from file:// may not fetch.
import { type Child, h, marked } from './dom.ts'
import type { Strength } from './kernels.ts'
import { strengthMarks, strengthWords } from './words.ts'

interface Evidence {
  kind: string
  ref: string
  says?: string
  seen?: string
}

interface TableCell {
  is: string
  strength: Strength
  releases?: string
  note?: string
  evidence: Evidence[]
}

interface TableRow {
  id: string
  group: string
  kind: 'os' | 'runtime'
  title: string
  question: string
  answers: Record<string, string>
  clause?: string
  url?: string
  engine: boolean
  cells: Record<string, TableCell[]>
}

interface Column {
  id: string
  name: string
}

interface Table {
  systems: Column[]
  runtimes: Column[]
  rows: TableRow[]
}

let table: Table | undefined
let loading = false
let search = ''

/** Which row and platform of the table an address names: `#table=close.unread,linux`. */
export function readTableLink(hash: string): { row: string; platform: string } {
  const [row = '', platform = ''] = hash.replace(/^#table=?/, '').split(',')
  return { row, platform }
}

const linkOf = (row: string, platform = ''): string => `#table=${row}${platform === '' ? '' : `,${platform}`}`

function load(main: HTMLElement): void {
  if (loading) return
  loading = true
  Object.assign(globalThis, {
    finrstTable: (data: Table) => {
      table = data
      if (location.hash.startsWith('#table')) showTable(main, location.hash)
    },
  })
  const failed = (): void => {
    loading = false
    main.replaceChildren(
      h('p', { class: 'notice', role: 'alert' }, 'table.js, which lies beside this page, cannot be loaded.'),
    )
  }
  document.head.append(h('script', { src: 'table.js', error: failed }))
}

/** Where evidence can be read: a page, a thread or a file of GitHub; undefined for what has no address. */
export function evidenceUrl(ref: string): string | undefined {
  if (/^https?:\/\/\S+$/.test(ref)) return ref
  const [, thread, number] = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(ref) ?? []
  if (thread !== undefined) return `https://github.com/${thread}/issues/${number}`
  const [, repository, commit, path] = /^([\w.-]+\/[\w.-]+)@([\w.+-]+):([\w./+-]+?)(?:#|$)/.exec(ref) ?? []
  return repository === undefined ? undefined : `https://github.com/${repository}/blob/${commit}/${path}`
}

function evidenceItem({ kind, ref, says, seen }: Evidence, cell: TableCell): HTMLElement {
  const against = says !== undefined && says !== cell.is
  const url = evidenceUrl(ref)
  return h(
    'li',
    { class: against ? 'against' : '' },
    h('b', {}, kind),
    ' ',
    url === undefined ? h('code', {}, ref) : h('a', { href: url }, ref),
    against && ` says ${says}: it does not count`,
    seen !== undefined && h('div', { class: 'seen' }, 'seen: ', h('code', {}, seen)),
  )
}

function cellDetail(row: TableRow, name: string, cell: TableCell): HTMLElement {
  const meaning = row.answers[cell.is]
  return h(
    'div',
    { class: 'cell-detail' },
    h(
      'h4',
      {},
      `${name}${cell.releases === undefined ? '' : `, ${cell.releases}`}: `,
      h('b', {}, cell.is),
      meaning !== undefined && h('span', { class: 'meaning' }, `, ${meaning}`),
    ),
    h('p', { class: `strength ${cell.strength}` }, `${strengthMarks[cell.strength]} ${strengthWords[cell.strength]}`),
    cell.note !== undefined && h('p', {}, marked(cell.note)),
    cell.evidence.length > 0 &&
      h(
        'ul',
        { class: 'evidence' },
        cell.evidence.map((each) => evidenceItem(each, cell)),
      ),
  )
}

function rowDetail(row: TableRow, columns: readonly Column[], platform: string): HTMLElement {
  const shown = platform === '' ? columns : columns.filter(({ id }) => id === platform)
  const answers = Object.entries(row.answers).map(([word, means]) => h('li', {}, h('code', {}, word), `: ${means}`))
  return h(
    'div',
    { class: 'row-detail', id: 'detail' },
    h('h3', {}, row.title),
    h('p', {}, row.question),
    h('ul', { class: 'answers-list' }, answers),
    h(
      'p',
      { class: 'small' },
      row.clause !== undefined && (row.url === undefined ? row.clause : h('a', { href: row.url }, row.clause)),
      row.clause !== undefined && row.engine ? ' · ' : '',
      row.engine && 'the engine reads it',
    ),
    shown.flatMap(({ id, name }) => (row.cells[id] ?? []).map((cell) => cellDetail(row, name, cell))),
    platform !== '' && h('p', {}, h('a', { href: linkOf(row.id), id: 'all-cells' }, 'All platforms of this row')),
  )
}

function rowView(row: TableRow, columns: readonly Column[], open: { row: string; platform: string }): HTMLElement {
  const cells = columns.map(({ id, name }) => {
    const [cell, ...older] = row.cells[id] ?? []
    if (cell === undefined) return h('span', { class: 'no-cell' }, '–')
    const current = open.row === row.id && open.platform === id
    return h(
      'a',
      {
        class: `matrix-cell ${cell.strength}`,
        href: linkOf(row.id, id),
        id: `cell-${row.id}-${id}`,
        'aria-current': current ? 'true' : undefined,
        title: strengthWords[cell.strength],
      },
      h('small', {}, name),
      h('span', { class: 'mark', 'aria-hidden': 'true' }, strengthMarks[cell.strength]),
      ` ${cell.is}`,
      older.length > 0 && h('span', { title: 'older releases differ' }, ' *'),
    )
  })
  return h(
    'li',
    { class: 'matrix-row' },
    h(
      'a',
      { class: 'row-name', href: linkOf(row.id), id: `row-${row.id}` },
      h('code', {}, row.id),
      h('span', {}, row.title),
    ),
    h('div', { class: 'cells' }, cells),
    open.row === row.id && rowDetail(row, columns, open.platform),
  )
}

function groupView(
  rows: readonly TableRow[],
  { systems, runtimes }: Table,
  open: { row: string; platform: string },
): Child {
  return (['os', 'runtime'] as const).map((kind) => {
    const alike = rows.filter((row) => row.kind === kind)
    const columns = kind === 'os' ? systems : runtimes
    return (
      alike.length > 0 &&
      h(
        'ul',
        { class: `matrix ${kind}` },
        alike.map((row) => rowView(row, columns, open)),
      )
    )
  })
}

const matches = (row: TableRow, words: string): boolean =>
  words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${row.id} ${row.title} ${row.question}`.toLowerCase().includes(word))

function legend({ rows }: Table): HTMLElement {
  const all = rows.flatMap(({ cells }) => Object.values(cells).flat())
  const counts = (Object.keys(strengthMarks) as Strength[]).map((strength) =>
    h(
      'li',
      { class: strength },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, strengthMarks[strength]),
      ` ${all.filter((cell) => cell.strength === strength).length} ${strengthWords[strength]}`,
    ),
  )
  return h('ul', { class: 'legend' }, counts)
}

function results(data: Table, open: { row: string; platform: string }): Child {
  if (search.trim() !== '') {
    const found = data.rows.filter((row) => matches(row, search.trim()))
    return [h('p', { class: 'small' }, `${found.length} rows`), groupView(found, data, open)]
  }
  const groups = [...new Set(data.rows.map(({ group }) => group))]
  return groups.map((group) => {
    const rows = data.rows.filter((row) => row.group === group)
    const opened = group === open.row || rows.some(({ id }) => id === open.row)
    const body = h('div', {})
    const fill = (): void => {
      if (details.open && body.childElementCount === 0) body.append(...wrapped(groupView(rows, data, open)))
    }
    const details = h(
      'details',
      { class: 'group', id: `group-${group}`, open: opened, toggle: fill },
      h('summary', {}, h('b', {}, group), ` ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`),
      body,
    )
    fill()
    return details
  })
}

const wrapped = (child: Child): Node[] => [...h('div', {}, child).childNodes]

/** Shows the table, and loads it first if it is not there. */
export function showTable(main: HTMLElement, hash: string): void {
  const open = readTableLink(hash)
  const heading = h(
    'section',
    { class: 'hero' },
    h('h1', {}, 'What each platform does'),
    h('p', {}, 'One row for each behaviour, one cell for each platform, and behind every cell the evidence for it.'),
  )
  if (table === undefined) {
    main.replaceChildren(heading, h('p', { role: 'status' }, 'The table is being loaded.'))
    load(main)
    return
  }
  const data = table
  const list = h('div', { class: 'results' }, results(data, open))
  const field = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'unread, linger, SHUT_RD …',
    input: () => {
      search = field.value
      list.replaceChildren(...wrapped(results(data, open)))
    },
  })
  field.value = search
  main.replaceChildren(
    heading,
    legend(data),
    h('label', { class: 'search', for: 'search' }, h('span', {}, 'Search rows'), field),
    list,
  )
  document.getElementById('detail')?.scrollIntoView({ block: 'nearest' })
}
