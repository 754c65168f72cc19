// The engine under every runtime: decisions, events, the making of an instance, and how many bytes it is.
import { readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Pair } from './pairs.js'
import { comparedRuntimes, nameOf, startProgram } from './programs.js'
import { type Effort, pairCells, ratioCell, type Section, type Table, target, type Target } from './section.js'

interface Found {
  loading: { first: number; later: number }
  decide: Pair
  floor: Pair
  on: Pair
}

function sizes(): Table {
  const rows = ['embed/finrst.wasm', 'embed/finrst-pure.wasm'].map((file) => {
    const bytes = readFileSync(file)
    return [file, ...[bytes, gzipSync(bytes), brotliCompressSync(bytes)].map(({ length }) => `${length}`)]
  })
  return { title: 'Bytes', columns: ['', 'raw', 'gzip', 'brotli'], rows }
}

export async function benchCore({ quick, rounds }: Effort): Promise<Section> {
  const decisions: string[][] = []
  const events: string[][] = []
  const loads: string[][] = []
  const targets: Target[] = []
  for (const runtime of await comparedRuntimes(quick)) {
    const program = await startProgram('core', { rounds: Math.min(rounds, 11), milliseconds: quick ? 1 : 20 }, runtime)
    await program.end()
    const { decide, floor, on, loading } = program.ready as unknown as Found
    const name = nameOf(runtime)
    decisions.push([name, ...pairCells(decide, 'ns'), `${floor.second.toFixed(1)} ns`, ratioCell(floor)])
    events.push([name, ...pairCells(on, 'ns')])
    loads.push([name, `${Math.round(loading.first)} µs`, `${Math.round(loading.later)} µs`])
    targets.push(target(`ns for a decision, ${name}`, decide.first, 'at most', 10))
    targets.push(target(`a decision in Wasm / as JavaScript, ${name}`, decide.ratio, 'at most', 1.2))
  }
  const columns = ['runtime', 'Wasm', 'JavaScript', 'ratio']
  return {
    tables: [
      {
        title: '`decide`, one call from JavaScript',
        columns: [...columns, 'an empty call', 'Wasm / empty'],
        rows: decisions,
        notes: [
          'JavaScript is the source of the engine itself, its tables behind a DataView as in the tests of the twin.',
          'The empty call is an export that does nothing: the floor of what a call into Wasm costs.',
        ],
      },
      {
        title: '`on`, one event with the steps that it asks for, on a host that does nothing',
        columns,
        rows: events,
      },
      {
        title: 'An instance, from the bytes to the first decision',
        columns: ['runtime', 'first', 'later, median'],
        rows: loads,
      },
      sizes(),
    ],
    targets,
  }
}
