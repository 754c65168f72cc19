// Tests that the code of every document runs as shown, and prints what the document says.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { factIf } from './support/deadline.js'
import { nameOf, piecesOf, Reader } from './support/documents.js'

/** Documents that hold no code of their own, or are generated. */
const without = [
  'architecture.md',
  'crash.md',
  'decisions.md',
  'languages.md',
  'performance.md',
  'platforms.md',
  'rules.md',
]
const documents = readdirSync('docs')
  .filter((name) => name.endsWith('.md') && !without.includes(name))
  .map((name) => join('docs', name))

for (const path of ['README.md', 'examples/README.md', ...documents]) {
  const reader = new Reader(path.startsWith('examples'))
  test.after(() => reader.remove())
  for (const piece of piecesOf(path)) {
    factIf(
      piece.notRun ?? false,
      `${nameOf(piece)} runs as shown`,
      async () => {
        const outcome = await reader.run(piece, 50_000)
        if (outcome === undefined) return
        assert.is(outcome.code, 0, `it ended with ${outcome.code}: ${outcome.errors}`)
        if (piece.output !== undefined) assert.is(outcome.output, piece.output)
      },
      60_000,
    )
  }
}

test('a block that prints something else, or fails, is noticed', async () => {
  const reader = new Reader()
  const run = (language: string, code: string) =>
    reader.run({ path: '', line: 1, language, code, output: undefined, given: [], notRun: undefined }, 20_000)
  assert.is((await run('js', 'throw new Error("broken")'))?.code, 1)
  assert.is((await run('sh', 'npx other'))?.code, 127)
  assert.is((await run('ts', 'const port: number = 7007; console.log(port)'))?.output, '7007')
  assert.is(await run('js', '// named.mjs\nconsole.log("from a file")'), undefined)
  assert.is((await run('sh', 'node named.mjs'))?.output, 'from a file')
  reader.remove()
})

test.run()
