// Tests what GitHub reads: workflows are pinned and pass actionlint, and the forms of issues are forms.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fact, factIf } from './support/deadline.js'
import { toolsFolder, withTools } from './support/release-tools.js'

const folder = '.github/workflows'
const paths = readdirSync(folder).map((name) => join(folder, name))

/** The actions that are used, and what is wrong with how. */
const unpinned = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)]
    .map(([, used = '']) => used)
    .filter((used) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))

/** The versions of actions that have more than one commit, or commits that have more than one version. */
const disagreeing = (texts: readonly string[]): string[] => {
  const commits = new Map<string, Set<string>>()
  for (const [, action = '', commit = ''] of texts.join('\n').matchAll(/uses: ([^@\s]+)@(\S+ # \S+)/g)) {
    commits.set(action, (commits.get(action) ?? new Set()).add(commit))
  }
  return [...commits].filter(([, { size }]) => size > 1).map(([action]) => action)
}

const texts = paths.map((path) => readFileSync(path, 'utf8'))

test('every action is pinned by its commit, with its version behind it, and the same everywhere', () => {
  assert.equal(unpinned('  - uses: actions/checkout@v5\n'), ['actions/checkout@v5'])
  assert.equal(unpinned(`  uses: actions/checkout@${'a'.repeat(40)}\n`).length, 1)
  assert.equal(unpinned(`  - uses: actions/checkout@${'a'.repeat(40)} # v5.0.0\n`), [])
  assert.equal(texts.flatMap(unpinned), [])
  assert.equal(disagreeing(['uses: a/b@1 # v1\nuses: a/b@2 # v1']), ['a/b'])
  assert.equal(disagreeing(texts), [])
})

test('the conformance workflow runs on every system and runtime that it is for, and merges all of them', () => {
  const text = readFileSync(join(folder, 'conformance.yml'), 'utf8')
  for (const system of [
    'ubuntu-latest',
    'macos-latest',
    'windows-latest',
    'freebsd-vm',
    'openbsd-vm',
    'netbsd-vm',
    'omnios-vm',
  ]) {
    assert.ok(text.includes(system), system)
  }
  assert.match(text, /^ {8}runtime: \[node, deno, bun\]$/m)
  const jobs = [...text.matchAll(/^ {2}([a-z]+):$/gm)].map(([, job]) => job)
  const merged = /^ {4}needs: \[(.*)\]$/m.exec(text)?.[1]?.split(', ')
  assert.equal(merged, jobs.slice(jobs.indexOf('pack'), -1))
  assert.match(text, /^permissions:\n {2}contents: read$/m)
})

/** The jobs of a workflow, by their names. */
const jobsOf = (text: string): Map<string, string> => {
  const parts = text.slice(text.indexOf('\njobs:\n') + '\njobs:\n'.length).split(/^(?= {2}[a-z]+:$)/m)
  return new Map(parts.map((part) => [/^ {2}([a-z]+):/.exec(part)?.[1] ?? '', part]))
}

test('the release workflow publishes what a tag names, after the tests, with provenance, without a secret', () => {
  const text = readFileSync(join(folder, 'release.yml'), 'utf8')
  const jobs = jobsOf(text)
  assert.equal([...jobs.keys()], ['test', 'pack', 'npm', 'jsr', 'pages', 'release'])
  assert.match(jobs.get('test') ?? '', /CI=true \.ci\/run$/m)
  for (const name of ['npm', 'jsr', 'pages']) {
    const job = jobs.get(name) ?? ''
    assert.match(job, /^ {4}needs: \[test, pack\]$/m, name)
    assert.match(job, /^ {4}if: github\.ref_type == 'tag'/m, name)
    assert.match(job, /^ {6}id-token: write$/m, name)
    assert.not.match(job, /checkout@/, `${name} publishes what was packed`)
  }
  for (const name of ['test', 'pack']) assert.not.match(jobs.get(name) ?? '', /: write$/m, name)
  assert.match(jobs.get('npm') ?? '', /npm publish \.\/pack\/finrst-\*\.tgz --provenance --access public/)
  assert.match(jobs.get('pack') ?? '', /release -- --tag "\$GITHUB_REF_NAME"/)
  assert.match(text, /^permissions:\n {2}contents: read$/m)
  assert.not.match(text, /secrets\./)
})

const places = [process.env.ACTIONLINT ?? '', '.cache/bin/actionlint']
const onPath = ((): string | undefined => {
  try {
    execFileSync('actionlint', ['--version'], { stdio: 'ignore' })
    return 'actionlint'
  } catch {
    return undefined
  }
})()
const actionlint = places.find((path) => path !== '' && existsSync(path)) ?? onPath
const missing =
  actionlint === undefined &&
  'no actionlint: GOBIN=$PWD/.cache/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7, or ACTIONLINT'

const lint = async (): Promise<void> => {
  const check = (...args: string[]) => spawnSync(actionlint ?? '', args, { encoding: 'utf8', timeout: 60_000 })
  const good = check('-no-color', ...paths)
  assert.is(good.status, 0, good.stdout + good.stderr)
  const text = readFileSync(join(folder, 'conformance.yml'), 'utf8').replace('needs: pack\n', 'needs: no-such-job\n')
  const bad = spawnSync(actionlint ?? '', ['-no-color', '-'], { encoding: 'utf8', input: text, timeout: 60_000 })
  assert.is(bad.status, 1)
  assert.match(bad.stdout, /needs job "no-such-job" which does not exist/)
}
const title = 'actionlint has nothing to say, and would say something of a job that is not there'
if (missing !== false && process.env.CI !== undefined) fact(title, () => assert.unreachable(missing))
else factIf(missing, title, lint, 90_000)

interface Form {
  name?: string
  description?: string
  body?: { type: string; id?: string; attributes?: { label?: string; value?: string } }[]
}

/** What keeps GitHub from showing a form. */
const formGaps = ({ name, description, body = [] }: Form): string[] => {
  const asked = body.filter(({ type }) => type !== 'markdown')
  const ids = asked.map(({ id }) => id)
  return [
    ...(name && description ? [] : ['no name or description']),
    ...(asked.length > 0 ? [] : ['asks for nothing']),
    ...body.flatMap(({ type }) => (['markdown', 'input', 'textarea'].includes(type) ? [] : [`a ${type}`])),
    ...asked.flatMap(({ id, attributes }) => (id && attributes?.label ? [] : [`${id} has no id or label`])),
    ...(new Set(ids).size === ids.length ? [] : ['an id is there twice']),
  ]
}

withTools('the forms of issues are forms', async () => {
  const { parse } = createRequire(join(toolsFolder, 'package.json'))('yaml') as { parse(text: string): Form }
  const forms = readdirSync('.github/ISSUE_TEMPLATE').filter((file) => file !== 'config.yml')
  assert.equal(forms.sort(), ['bug.yml', 'cell.yml', 'testee.yml'])
  for (const file of forms) {
    const text = readFileSync(join('.github/ISSUE_TEMPLATE', file), 'utf8')
    assert.equal(formGaps(parse(text)), [], file)
    assert.ok(formGaps(parse(text.replace(/ id: .*/, ' name: x'))).length > 0)
  }
})

test.run()
