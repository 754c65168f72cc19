// Runs all row scripts on this machine and writes what they came to, spec/runs/<system>.json.
//
// 1. It writes nothing unless every script came to an answer: a gap would look like a row without evidence.
// 2. Run it with all privileges (root on Linux), otherwise scripts are skipped and rule 1 refuses.
import { writeFileSync } from 'node:fs'
import { runProcess, stopOnSignals } from './processes.ts'
import { jsonText, reportPath, type RunReport, type RunRow } from './runs.ts'

interface Told {
  finrst: string
  started: string
  system: { platform: string; release: string; arch: string; system: string }
  results: (RunRow & { id: string; reason?: string; actual?: string })[]
}

/** A system is a platform and the release of its kernel, as far as behaviour goes by it. */
const reportOf = ({ finrst, started, system, results }: Told): RunReport => ({
  $schema: '../schemas/run-report.schema.json',
  run: 1,
  system: system.system,
  platform: system.platform,
  release: system.release,
  arch: system.arch,
  date: started.slice(0, 10),
  node: process.versions.node,
  finrst,
  rows: Object.fromEntries(results.map(({ id, answer, level, values }) => [id, { answer, level, values }])),
})

async function main(): Promise<void> {
  stopOnSignals()
  const command = [process.execPath, 'scripts/run.mjs', 'conformance/cli.ts', 'test', '--only', 'rows', '--json', '-']
  const { output, code } = await runProcess(command, { deadlineSeconds: 600 })
  const told = output.startsWith('{') ? (JSON.parse(output) as Told) : undefined
  if (told === undefined) throw new Error(`finrst test ended with ${code}:\n${output}`)
  const without = told.results.filter(({ answer }) => answer === undefined)
  for (const { id, reason, actual } of without) console.error(`${id}: ${reason ?? actual}`)
  if (without.length > 0) throw new Error(`${without.length} scripts came to no answer, so nothing was written`)
  const report = reportOf(told)
  writeFileSync(reportPath(report.system), `${jsonText(report)}\n`)
  console.log(`${reportPath(report.system)}: ${told.results.length} rows; now npm run cite`)
}

await main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
