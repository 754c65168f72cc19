// Writes every generated file of the repository; with --check it only compares, and exits 1 if one is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generateAbi } from './generate/abi.ts'
import { generateC } from './generate/c.ts'
import { generateCrashDoc } from './generate/crash-doc.ts'
import { generateJava } from './generate/java.ts'
import { generateLadder } from './generate/ladder.ts'
import { generateLicences } from './generate/licences.ts'
import { generateManual } from './generate/man.ts'
import { generatePlatformsDoc } from './generate/platforms-doc.ts'
import { generatePython } from './generate/python.ts'
import { generateRulesDoc } from './generate/rules-doc.ts'
import { generateRules } from './generate/rules.ts'
import { generateRust } from './generate/rust.ts'
import { generateTable } from './generate/table.ts'

// In this order, because a generator may read what an earlier one wrote.
const generators: (() => Map<string, string> | Promise<Map<string, string>>)[] = [
  generateAbi,
  generateRules,
  generateTable,
  generatePython,
  generateC,
  generateRust,
  generateJava,
  generatePlatformsDoc,
  generateRulesDoc,
  generateCrashDoc,
  generateLadder,
  generateManual,
  generateLicences,
]

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const checking = process.argv.includes('--check')
const stale: string[] = []
for (const generate of generators) {
  let files: Map<string, string>
  try {
    files = await generate()
  } catch (error) {
    // It may have failed over what an earlier one would write, and has not because it only compares.
    if (checking && stale.length > 0) continue
    throw error
  }
  for (const [path, text] of files) {
    if (current(path) === text) continue
    stale.push(path)
    if (checking) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
for (const path of stale) console.log(checking ? `stale: ${path}; run npm run generate` : `wrote ${path}`)
if (checking && stale.length > 0) process.exitCode = 1
