// Writes the pages of the API with TypeDoc; a warning is an error, and whatever is exported is documented.
// Usage: npm run api [-- <folder, default build/api> [more entries]].
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { releaseTools } from './release-tools.ts'
import { runProcess, stopOnSignals } from './processes.ts'

const [out = 'build/api', ...more] = process.argv.slice(2)
const entries = ['node', 'deno', 'bun', 'core', 'spec']

/** Fields of an object without a name of its own: what it belongs to tells of them. */
const toldAbove = [
  'node.Guard.finalise.__type.rest',
  'node.Guard.finalise.__type.verdict',
  'node.MeterLike.createCounter.__type.add',
  'deno.HttpServer.addr.__type.transport',
  'deno.ServeInfo.remoteAddr.__type.transport',
  'deno.TcpListener.addr.__type.transport',
  'bun.BunServer.requestIP.__type.address',
  'bun.BunServer.requestIP.__type.port',
  'core.Engine.memory.__type.buffer',
  'spec.Hello.capabilities.__type.can',
  'spec.Hello.capabilities.__type.why',
  'spec.Machine.abilities.__type.can',
  'spec.Machine.abilities.__type.why',
  'spec.Probe.systems.__type.platform',
  'spec.Probe.systems.__type.release',
  'spec.Probe.systems.__type.note',
  'spec.RunReport.rows.__type.answer',
  'spec.RunReport.rows.__type.level',
  'spec.RunReport.rows.__type.values',
]

const [file, project] = [`build/typedoc-${process.pid}.json`, `build/tsconfig-${process.pid}.json`]

const options = {
  name: 'finrst',
  includeVersion: true,
  entryPoints: [...entries.map((name) => join('adapters', name, 'index.ts')), ...more].map((path) => resolve(path)),
  tsconfig: resolve(project),
  out: resolve(out),
  readme: 'none',
  excludeInternal: true,
  // The names of the entries, and not of the folders of the repository.
  displayBasePath: resolve('adapters'),
  disableSources: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true, rewrittenLink: true },
  intentionallyNotDocumented: toldAbove,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
}

stopOnSignals()
mkdirSync('build', { recursive: true })
writeFileSync(
  project,
  JSON.stringify({
    extends: '../adapters/tsconfig.json',
    include: ['../adapters', ...more.map((path) => resolve(path))],
  }),
)
writeFileSync(file, JSON.stringify(options))
const typedoc = join(await releaseTools(), 'node_modules/typedoc/bin/typedoc')
const { code, output } = await runProcess([process.execPath, typedoc, '--options', resolve(file)], {
  deadlineSeconds: 120,
})
for (const path of [file, project]) rmSync(path)
console.log(output.trim())
process.exitCode = code ?? 1
