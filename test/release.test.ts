// Tests that the version is the same everywhere, and what a release is made of.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { repositoryFiles } from '../scripts/files.ts'
import { disagreements, notesOf, places, released, versionsAt, withVersion } from '../scripts/release.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const { version } = JSON.parse(read('package.json')) as { version: string }

test('the version is the same everywhere', () => {
  assert.equal(disagreements(version), [])
  assert.ok(disagreements('9.9.9').length >= places.length)
})

test('every file that says a version of ours is known to the script that sets it', () => {
  const known = new Set(places.map(({ path }) => path))
  // What is measured names what measured it, and a sample is one.
  const other = /^(?:docs|spec)\/|^CHANGELOG\.md$|^scripts\/release\.ts$|^test\/|\.(?:wasm|png|svg)$|^\.github\//
  const ours = `(?<![\\d.])${version.replaceAll('.', '\\.')}`
  const own = new RegExp(`version.{0,8}${ours}|finrst.{0,3}${ours}`, 'i')
  const unknown = repositoryFiles().filter((path) => !other.test(path) && !known.has(path) && own.test(read(path)))
  assert.equal(unknown, [])
  assert.ok(own.test(read('package.json')))
})

test('a version is set wherever it stands, and nothing else is', () => {
  for (const place of places) {
    const text = read(place.path)
    const changed = withVersion(place, text, '9.8.7-rc.6')
    const set = versionsAt(place, changed)
    assert.ok(set.length > 0 && set.every((each) => each === '9.8.7-rc.6'), place.path)
    assert.ok(withVersion(place, changed, version) === text, place.path)
  }
})

test('the changelog is headed by a release, and its notes are what stands under the heading', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased] – 0.1.0\n\n### Added\n\n- A thing.\n\n## [0.0.1] – 2026-01-01\n\n- Old.\n'
  const headed = released(changelog, '0.1.0', '2026-11-26')
  assert.match(headed, /^## \[Unreleased\]\n\n## \[0\.1\.0\] – 2026-11-26\n\n### Added$/m)
  assert.is(notesOf(headed, '0.1.0'), '### Added\n\n- A thing.')
  assert.is(notesOf(headed, '0.0.1'), '- Old.')
  assert.is(notesOf(changelog, '0.1.0'), undefined)
  assert.match(read('CHANGELOG.md'), /^## \[Unreleased\]/m)
})

test.run()
