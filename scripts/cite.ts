// Lets the cells of the table cite the run reports that agree with them; refuses where a cell and a run disagree.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cite, readReports } from './runs.ts'

const folder = 'spec/table'
const problems: string[] = []
let written = 0
for (const name of readdirSync(folder).sort()) {
  const path = `${folder}/${name}`
  for (const report of readReports().values()) {
    const { text, problem } = cite(readFileSync(path, 'utf8'), report)
    if (problem !== undefined) problems.push(problem)
    if (text === undefined) continue
    writeFileSync(path, text)
    written += 1
  }
}
for (const problem of problems) console.error(problem)
console.log(`${written} cells now cite a run${problems.length > 0 ? `, ${problems.length} disagree with one` : ''}`)
if (problems.length > 0) process.exitCode = 1
