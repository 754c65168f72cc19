// Keeps the version the same everywhere, and tells what a release brings. Without an option it prints where it stands.
//   npm run release -- --set 0.2.0     writes it everywhere, and heads the changelog with it and the day
//   npm run release -- --tag v0.2.0    checks that all is of that version, and prints its part of the changelog
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'

/** A file that bears the version, and what stands around it there. */
export interface Place {
  path: string
  before: string
}

/** Every file that bears the version, once or more. */
export const places: readonly Place[] = [
  { path: 'package.json', before: '^  "version": "' },
  { path: 'package-lock.json', before: '"name": "finrst",\\n +"version": "' },
  { path: 'jsr.json', before: '^  "version": "' },
  { path: 'adapters/core/shared.ts', before: "^export const version = '" },
  { path: 'embed/c/Makefile', before: '^VERSION = ' },
  { path: 'embed/c/testee.c', before: '\\\\"version\\\\":\\\\"' },
  { path: 'embed/go/testee/main.go', before: '"testee": "finrst-go", "version": "' },
  { path: 'embed/java/pom.xml', before: '^  <version>' },
  { path: 'embed/java/src/test/java/dev/finrst/Words.java', before: 'put\\("version", "' },
  { path: 'embed/python/finrst/__init__.py', before: '^__version__ = "' },
  { path: 'embed/python/pyproject.toml', before: '^version = "' },
  { path: 'embed/rust/Cargo.lock', before: '^name = "finrst"\\nversion = "' },
  { path: 'embed/rust/Cargo.toml', before: '^version = "' },
]

const semantic = '\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?'
const patternOf = ({ before }: Place): RegExp => new RegExp(`(${before})(${semantic})`, 'gm')

/** The versions that a text has at a place. */
export const versionsAt = (place: Place, text: string): string[] =>
  [...text.matchAll(patternOf(place))].map(([, , version = '']) => version)

/** A text with another version at a place. */
export const withVersion = (place: Place, text: string, version: string): string =>
  text.replace(patternOf(place), (_, before: string) => before + version)

/** What a changelog says of a version, without its heading; undefined if it has none. */
export const notesOf = (changelog: string, version: string): string | undefined =>
  changelog
    .split(/^## /m)
    .find((part) => part.startsWith(`[${version}] – `))
    ?.replace(/^.*\n+/, '')
    .trim()

/** A changelog in which what was unreleased is of that version and day. */
export const released = (changelog: string, version: string, day: string): string =>
  changelog.replace(/^## \[Unreleased\].*$/m, `## [Unreleased]\n\n## [${version}] – ${day}`)

const read = (path: string): string => readFileSync(path, 'utf8')

/** What is wrong with the version somewhere, if it is to be this one. */
export const disagreements = (version: string): string[] =>
  places.flatMap((place) => {
    const found = versionsAt(place, read(place.path))
    if (found.length === 0) return [`${place.path} has no version`]
    return found.flatMap((each) => (each === version ? [] : [`${place.path} has ${each}, not ${version}`]))
  })

/** Everything that keeps a tag from being released. */
function obstacles(tag: string): string[] {
  const version = tag.replace(/^v/, '')
  if (`v${version}` !== tag || !new RegExp(`^${semantic}$`).test(version)) return [`${tag} is no tag such as v0.1.0`]
  const silent = notesOf(read('CHANGELOG.md'), version) === undefined
  return [...disagreements(version), ...(silent ? [`CHANGELOG.md has no heading [${version}] – <day>`] : [])]
}

function setVersion(version: string): void {
  if (!new RegExp(`^${semantic}$`).test(version)) throw new Error(`${version} is no version such as 0.1.0`)
  for (const place of places) writeFileSync(place.path, withVersion(place, read(place.path), version))
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync('CHANGELOG.md', released(read('CHANGELOG.md'), version, day))
}

function main(): void {
  const { set, tag } = new Command('npm run release --')
    .description('Without an option: prints where the version is.')
    .option('--set <version>', 'write it everywhere, and head the changelog with it')
    .option('--tag <tag>', 'check that all is of that version, and print what the changelog says of it')
    .parse()
    .opts<{ set?: string; tag?: string }>()
  if (set !== undefined) setVersion(set)
  if (tag === undefined) {
    for (const place of places) console.log(`${versionsAt(place, read(place.path)).join(' ')}  ${place.path}`)
    return
  }
  const found = obstacles(tag)
  if (found.length === 0) return console.log(notesOf(read('CHANGELOG.md'), tag.slice(1)))
  console.error(found.join('\n'))
  process.exitCode = 1
}

if (basename(process.argv[1] ?? '') === 'release.ts') main()
