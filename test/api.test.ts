// Tests the pages that are published: the API is documented whole, and every link of it and of the explorer leads on.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runProcess, stopOnSignals } from '../scripts/processes.ts'
import { tool, withTools } from './support/release-tools.ts'

const temporary = mkdtempSync(join(tmpdir(), 'finrst-api-'))
stopOnSignals()
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

/** Runs one of our scripts; what it wrote, and its exit code. */
const script = (name: string, ...args: string[]) =>
  runProcess([process.execPath, 'scripts/run.mjs', `scripts/${name}.ts`, ...args], { deadlineSeconds: 150 })

interface Link {
  url: string
  state: 'OK' | 'BROKEN' | 'SKIPPED'
}

/** The links of the pages of a folder, fragments too; what is elsewhere in the world is not asked for. */
async function linksOf(folder: string): Promise<Link[]> {
  const command = [process.execPath, tool('linkinator/build/src/cli.js'), folder, '--recurse', '--check-fragments']
  const { output } = await runProcess([...command, '--format', 'json', '--skip', '^https?://(?!localhost)'], {
    deadlineSeconds: 120,
    env: { ...process.env, NO_COLOR: '1' },
  })
  return (JSON.parse(output.slice(output.indexOf('{\n'))) as { links: Link[] }).links
}

const broken = (links: readonly Link[]): string[] =>
  links.flatMap(({ url, state }) => (state === 'BROKEN' ? [url] : []))

withTools('every export is documented, and TypeDoc warns of nothing', async () => {
  const out = join(temporary, 'api')
  const { code, output } = await script('api', out)
  assert.is(code, 0, output)
  for (const entry of ['node', 'deno', 'bun', 'core', 'spec']) {
    assert.match(readFileSync(join(out, 'modules', `${entry}.html`), 'utf8'), /<h1>Module /, entry)
  }
  assert.ok(readdirSync(join(out, 'functions')).includes('node.guard.html'))
})

withTools('an export without a word about it is an error', async () => {
  const entry = join('build', `undocumented-${process.pid}.ts`)
  writeFileSync(entry, '// Says nothing of what it exports.\nexport const secret = 1\n')
  const { code, output } = await script('api', join(temporary, 'bad-api'), entry)
  rmSync(entry)
  assert.is.not(code, 0)
  assert.match(output, /secret \(Variable\).* does not have any documentation/)
})

withTools('every link of the API and of the explorer leads somewhere', async () => {
  const bad = join(temporary, 'bad')
  mkdirSync(bad)
  writeFileSync(
    join(bad, 'index.html'),
    '<a href="no.html">a</a> <a href="#no">b</a> <a href="https://a.example">c</a>',
  )
  assert.is(broken(await linksOf(bad)).length, 2)

  const api = await linksOf(join(temporary, 'api'))
  assert.ok(api.length > 100, String(api.length))
  assert.equal(broken(api), [])
  const site = join(temporary, 'site')
  assert.is((await script('site', site)).code, 0)
  const explorer = await linksOf(site)
  assert.ok(explorer.length >= 4)
  assert.equal(broken(explorer), [])
})

test.run()
