// Checks what can be checked without running it: types, lint, format, and that generated files are current.
import { stopOnSignals, runProcess } from './processes.ts'

const tsc = 'node_modules/typescript/bin/tsc'
const steps: { name: string; command: string[] }[] = [
  { name: 'types of adapters', command: [tsc, '-p', 'adapters'] },
  { name: 'types of assembly', command: [tsc, '-p', 'assembly'] },
  { name: 'types of conformance, scripts, test and bench', command: [tsc, '-p', 'test'] },
  {
    name: 'lint and format',
    command: ['node_modules/@biomejs/biome/bin/biome', 'check', '--max-diagnostics=100', '--error-on-warnings'],
  },
  { name: 'generated files', command: ['scripts/run.mjs', 'scripts/generate.ts', '--check'] },
]

stopOnSignals()
let failed = 0
for (const { name, command } of steps) {
  const { code, output } = await runProcess([process.execPath, ...command], { deadlineSeconds: 120 })
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name}`)
  if (code === 0) continue
  failed += 1
  console.log(output.trimEnd())
}
if (failed > 0) process.exitCode = 1
