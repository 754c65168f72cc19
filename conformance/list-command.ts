// finrst list: the wire scripts, by id, level and title, or written for packetdrill.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readRuns } from '../adapters/spec/files.js'
import type { RunReport } from '../adapters/spec/types.js'
import { type LoadedScript, loadScripts } from './files.js'
import { type Translated, translate } from './packetdrill/translate.js'
import { writeReport } from './report/write.js'
import { exitCodes, UsageError } from './result.js'
import { makeSelection } from './select.js'

/** The flags of `finrst list`. */
export interface ListFlags {
  scripts?: string
  as?: 'packetdrill'
  into?: string
}

/** The recorded runs of Linux, the newest first. */
const linuxRuns = (): RunReport[] =>
  readRuns()
    .flatMap((run) => ('rows' in run && run.platform === 'linux' ? [run as RunReport] : []))
    .sort((a, b) => (a.date < b.date ? 1 : -1))

/** A script for packetdrill, or why there is none. */
export const asPacketdrill = (loaded: LoadedScript, runs = linuxRuns()): Translated => {
  if (!('script' in loaded)) return { cannot: loaded.problem.message }
  const { script } = loaded
  if (script.guard !== 'system') return { cannot: 'it is about a runtime, and packetdrill makes system calls' }
  const run = runs.find(({ rows }) => Object.hasOwn(rows, script.row))
  return translate(script, run?.rows[script.row]?.values, `spec/runs/${run?.system}.json`)
}

const printPacketdrill = (scripts: readonly LoadedScript[], into: string | undefined): void => {
  if (into !== undefined) mkdirSync(into, { recursive: true })
  const runs = linuxRuns()
  const cannot: string[] = []
  let count = 0
  for (const loaded of scripts) {
    const translated = asPacketdrill(loaded, runs)
    if ('cannot' in translated) {
      cannot.push(`// not for packetdrill: ${loaded.id}: ${translated.cannot}`)
      continue
    }
    count += 1
    if (into !== undefined) writeReport(join(into, `${loaded.id}.pkt`), translated.text)
    else process.stdout.write(`// file: ${loaded.id}.pkt\n${translated.text}\n`)
  }
  process.stdout.write(
    `${[...cannot, `// ${count} scripts, ${cannot.length} that packetdrill cannot express`].join('\n')}\n`,
  )
}

/** What `finrst list` does. */
export const list = (ids: string[], flags: ListFlags): void => {
  const selection = makeSelection(ids)
  const scripts = loadScripts(flags.scripts).filter(({ id }) => selection.select(id))
  if (scripts.length === 0) throw new UsageError('nothing matched; finrst list without an id shows all')
  if (flags.into !== undefined && flags.as === undefined) throw new UsageError('--into needs --as packetdrill')
  if (flags.as !== undefined) return printPacketdrill(scripts, flags.into)
  const names = Math.max(...scripts.map(({ id }) => id.length))
  for (const each of scripts) {
    const [level, told] = 'script' in each ? [each.script.level, each.script.title] : ['?', each.problem.message]
    process.stdout.write(`${each.id.padEnd(names)}  ${level.padEnd(6)}  ${told}\n`)
  }
  if (scripts.some((each) => 'problem' in each)) process.exitCode = exitCodes.badUsage
}
