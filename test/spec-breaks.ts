// Every rule of the platform table with a break that it has to notice.
import { cellsOf } from '../adapters/spec/cells.ts'
import {
  answersAreListed,
  cellOf,
  cellsAreComplete,
  directionsAreAlike,
  disagreementIsWeak,
  engineIsFed,
  errorsAreKnown,
  evidenceFits,
  idsAreUnique,
  notesAddSomething,
  platformOf,
  type Rule,
  releasesAreInOrder,
  runsAgree,
  runsAreReal,
  runsAreStored,
  runsAreUsed,
  type Spec,
  sourcesAreFixed,
  titlesAreFacts,
} from './spec-lint.ts'

/** What holds, by which rule, and a change after which it no longer does. */
export const breaks: [fact: string, rule: Rule, breaks: (spec: Spec) => void][] = [
  [
    'every row has a cell for every system',
    cellsAreComplete,
    (spec) => delete cellOf(spec, 'close.plain', 'linux').row.cells.netbsd,
  ],
  [
    'no cell is for a platform that nobody knows',
    cellsAreComplete,
    (spec) => {
      spec.rows[0].cells.plan9 = { is: 'unknown', evidence: [] }
    },
  ],
  [
    'a cell is one of the answers of its row',
    answersAreListed,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.is = 'maybe'
    },
  ],
  [
    'a known cell has evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence = []
    },
  ],
  [
    'evidence for another answer is no evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence = [{ kind: 'doc', ref: 'a page', says: 'reset' }]
    },
  ],
  [
    'an unknown cell has no evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.is = 'unknown'
    },
  ],
  [
    'a run is evidence only for a system of which a release was run',
    runsAreReal,
    (spec) => {
      cellOf(spec, 'exit.default', 'windows').cell.evidence.push({ kind: 'run', ref: 'wine 8.0' })
    },
  ],
  [
    'no run contradicts its cell',
    disagreementIsWeak,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence[0].says = 'reset'
    },
  ],
  [
    'no evidence contradicts a cell that has nothing stronger',
    disagreementIsWeak,
    (spec) => {
      const { cell } = cellOf(spec, 'linger.inherit', 'illumos')
      cell.evidence.push({ kind: 'source', ref: 'owner/repo@0123abcd:file.c#function', says: 'nothing' })
    },
  ],
  [
    'a claim contradicts no claim',
    disagreementIsWeak,
    (spec) => {
      cellOf(spec, 'close.unread', 'windows').cell.evidence[1].says = 'fin'
    },
  ],
  [
    'evidence that agrees does not say so',
    disagreementIsWeak,
    (spec) => {
      cellOf(spec, 'close.unread', 'linux').cell.evidence[1].says = 'reset'
    },
  ],
  [
    'no two runs of one system disagree',
    runsAgree,
    (spec) => {
      const { row, cell } = cellOf(spec, 'close.plain', 'linux')
      row.cells.linux = [
        { ...cell, from: '6.18' },
        { ...cell, is: 'reset', until: '6.12' },
      ]
    },
  ],
  [
    'cells name releases of their platform',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'freebsd').cell.from = '16'
    },
  ],
  [
    'cells follow each other without a gap',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'freebsd').cell.from = '15'
    },
  ],
  [
    'the newest cell has no end',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'close.plain', 'freebsd').cell.until = '14'
    },
  ],
  [
    'a cell begins before it ends',
    releasesAreInOrder,
    (spec) => {
      cellsOf(cellOf(spec, 'shut-rd.late-data', 'macos').row, 'macos')[1].from = '11.6'
    },
  ],
  [
    'a probe is stored',
    runsAreStored,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence[0].ref = 'probe 2026-11-22: Linux 6.18.44, close at midnight'
    },
  ],
  [
    'a probe was of that system',
    runsAreStored,
    (spec) => {
      delete spec.runs[0].cases['close no unread']['Linux 6.18.44']
    },
  ],
  [
    'a probe is evidence for its own platform',
    runsAreStored,
    (spec) => {
      const { row, cell } = cellOf(spec, 'close.plain', 'linux')
      row.cells.netbsd = cell
    },
  ],
  [
    'a probe is of a release of its cell',
    runsAreStored,
    (spec) => {
      cellOf(spec, 'close.plain', 'freebsd').cell.from = '14'
    },
  ],
  [
    'something follows from every result of a probe',
    runsAreUsed,
    (spec) => {
      const { cases } = spec.runs[0]
      cases['close at midnight'] = { 'gVisor netstack': 'close=0' }
    },
  ],
  [
    'a report that is evidence exists',
    runsAreStored,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence[0].ref = 'spec/runs/report-of-nobody.json#close.plain'
    },
  ],
  [
    'a probe behind a number is stored',
    runsAreStored,
    (spec) => {
      spec.runs[0].cases['constants of the C library'] = { 'Solaris 8': 'SOL_SOCKET 65535' }
    },
  ],
  [
    'what was read has a commit',
    sourcesAreFixed,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'illumos').cell.evidence[0].ref = 'illumos/illumos-gate:tcp.c#tcp_close_common'
    },
  ],
  [
    'what was read for a number has a commit too',
    sourcesAreFixed,
    (spec) => {
      platformOf(spec, 'linux').constants.lingerOption.evidence = [{ kind: 'source', ref: 'linux:socket.h#SO_LINGER' }]
    },
  ],
  [
    'what was read is no branch',
    sourcesAreFixed,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'illumos').cell.evidence[0].ref = 'illumos/illumos-gate@master:tcp.c#tcp_close'
    },
  ],
  [
    'a note is no repetition',
    notesAddSomething,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.note = 'A FIN, in the background.'
    },
  ],
  [
    'a row is not about a runtime unless it says so',
    cellsAreComplete,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').row.of = 'runtime'
    },
  ],
  [
    'the engine takes nothing from a runtime',
    engineIsFed,
    (spec) => {
      cellOf(spec, 'exit.default', 'linux').row.of = 'runtime'
    },
  ],
  ['every trait comes from one row', engineIsFed, (spec) => delete cellOf(spec, 'exit.default', 'linux').row.engine],
  [
    'a trait is set by an answer of its row',
    engineIsFed,
    (spec) => {
      cellOf(spec, 'exit.default', 'linux').row.engine = [{ trait: 'DEATH_RESETS', setBy: ['perhaps'] }]
    },
  ],
  [
    'a title is short',
    titlesAreFacts,
    (spec) => {
      spec.rows[0].title = 'a'.repeat(70)
    },
  ],
  [
    'a title is a fact',
    titlesAreFacts,
    (spec) => {
      spec.rows[0].title = 'A close should send a FIN'
    },
  ],
  [
    'rows have ids of their own',
    idsAreUnique,
    (spec) => {
      spec.rows[0].id = spec.rows[1].id
    },
  ],
  [
    'platforms have rows of their own',
    idsAreUnique,
    (spec) => {
      platformOf(spec, 'netbsd').row = platformOf(spec, 'linux').row
    },
  ],
  [
    'an error of a platform is an error of the ABI',
    errorsAreKnown,
    (spec) => {
      platformOf(spec, 'linux').errors.TOO_LATE = { name: 'ELATE', value: 1 }
    },
  ],
  [
    'the directions of shutdown have the same numbers everywhere',
    directionsAreAlike,
    (spec) => {
      Object.assign(platformOf(spec, 'linux').numbers ?? {}, { SHUT_WR: { value: 2, evidence: [] } })
    },
  ],
]
