// Writes every generated file of the repository; with --check it only compares, and exits 1 if one is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generateAbi } from './generate/abi.ts'
import { generateRules } from './generate/rules.ts'
import { generateTable } from './generate/table.ts'

// In this order, because a generator may read what an earlier one wrote.
const generators: (() => Map<string, string>)[] = [generateAbi, generateRules, generateTable]

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
  for (const [path, text] of generate()) {
    if (current(path) === text) continue
    stale.push(path)
    if (checking) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
for (const path of stale) console.log(checking ? `stale: ${path}; run npm run generate` : `wrote ${path}`)
if (checking && stale.length > 0) process.exitCode = 1
