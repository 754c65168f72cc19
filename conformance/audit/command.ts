// finrst audit: tells how a running server ends its connections, and what that means to its clients.
import picocolors from 'picocolors'
import { ownVersion } from '../files.js'
import { visible } from '../report/escape.js'
import { checkWritable, standardOutput, writeReport } from '../report/write.js'
import { exitCodes, UsageError } from '../result.js'
import { type Audit, audit, type AuditOptions, boundsOf, planText } from './audit.js'
import { type Finding, type Level, tellSeen } from './finding.js'

/** The flags of `finrst audit`. */
export interface AuditFlags {
  http?: true
  path: string
  wait: string
  dryRun?: true
  json?: string
}

const marks: Readonly<Record<Level, string>> = { good: '✓', note: '·', risk: '!', bad: '✗' }
const colors = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true)
const paint: Readonly<Record<Level, (text: string) => string>> = {
  good: colors.green,
  note: colors.dim,
  risk: colors.yellow,
  bad: colors.red,
}
const longestWaitSeconds = 300

const optionsOf = (address: string, { http, path, wait }: AuditFlags): AuditOptions => {
  const seconds = Number(wait)
  if (!/^\d+(\.\d+)?$/.test(wait) || !(seconds >= 0.1 && seconds <= longestWaitSeconds)) {
    throw new UsageError(`--wait must be seconds, 0.1 … ${longestWaitSeconds}, not ${wait}`)
  }
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new UsageError(`--path must begin with / and have no blanks, not ${path}`)
  return { address, http: http === true, path, waitMs: seconds * 1000 }
}

const findingLines = (finding: Finding): string[] => {
  const { level, title, did, saw, says, clause, row } = finding
  const basis = [clause, row === undefined ? undefined : `finrst table ${row}`].filter((each) => each !== undefined)
  return [
    `${paint[level](`${marks[level]} ${level.padEnd(4)}`)}  ${colors.bold(title)}  ${colors.dim(finding.probe)}`,
    `        did   ${did}`,
    `        saw   ${tellSeen(saw)}`,
    `        so    ${says}${basis.length > 0 ? `  ${colors.dim(`(${basis.join('; ')})`)}` : ''}`,
  ]
}

const closing = ({ findings, connections, sentBytes }: Audit): string => {
  const counts = (Object.keys(marks) as Level[]).map(
    (level) => `${findings.filter((finding) => finding.level === level).length} ${level}`,
  )
  return `${counts.join(', ')}; ${connections} connections, ${(sentBytes / 1024).toFixed(0)} KiB sent`
}

/** The report, described by spec/schemas/audit.schema.json. */
const reportOf = (found: Audit, started: Date): Record<string, unknown> => ({
  $schema: './schemas/audit.schema.json',
  audit: 1,
  finrst: ownVersion(),
  started: started.toISOString(),
  ...found,
  bounds: boundsOf(found),
})

/** What `finrst audit` does. */
export const auditServer = async (address: string, flags: AuditFlags): Promise<void> => {
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  const options = optionsOf(address, flags)
  if (flags.dryRun) return print(planText(options))
  if (flags.json !== undefined) checkWritable(flags.json)
  const started = new Date()
  const found = await audit(options, ({ level }) => {
    if (process.stderr.isTTY) process.stderr.write(paint[level](marks[level]))
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (flags.json !== standardOutput) {
    for (const finding of found.findings) print(visible(findingLines(finding).join('\n')))
    print(`\n${closing(found)}`)
  }
  if (flags.json !== undefined) writeReport(flags.json, `${JSON.stringify(reportOf(found, started), null, 2)}\n`)
  process.exitCode = found.findings.some(({ level }) => level === 'bad') ? exitCodes.failure : exitCodes.allAsStated
}
