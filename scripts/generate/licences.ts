// Generates docs/licences.md: whose code is inside, what is installed beside it, and what it is developed with.
import { readFileSync } from 'node:fs'
import { bundled } from '../licences.ts'
import { generatedBy, table } from './markdown.ts'

interface Locked {
  version?: string
  license?: string
}

/** A dependency of a library in another language; no file beside it tells its licence to a JSON parser. */
interface Dependency {
  library: string
  /** Where it is declared. */
  manifest: string
  name: string
  licence: string
  used: string
}

const others: readonly Dependency[] = [
  {
    library: 'C',
    manifest: 'embed/c/wasm/LICENSE',
    name: 'wabt',
    licence: 'Apache-2.0',
    used: 'inside, `embed/c/wasm`',
  },
  ...(['libc', 'tokio', 'wasmi'] as const).map((name) => ({
    ...{ library: 'Rust', manifest: 'embed/rust/Cargo.toml', name },
    ...{ licence: name === 'tokio' ? 'MIT' : 'MIT OR Apache-2.0', used: name === 'tokio' ? 'at will' : 'by it' },
  })),
  ...(['serde_json', 'sha2'] as const).map((name) => ({
    ...{ library: 'Rust', manifest: 'embed/rust/Cargo.toml', name, licence: 'MIT OR Apache-2.0', used: 'by its tests' },
  })),
  {
    ...{ library: 'Go', manifest: 'embed/go/go.mod', name: 'github.com/tetratelabs/wazero' },
    ...{ licence: 'Apache-2.0', used: 'by it' },
  },
  { library: 'Go', manifest: 'embed/go/go.mod', name: 'golang.org/x/sys', licence: 'BSD-3-Clause', used: 'by it' },
  {
    ...{ library: 'Python', manifest: 'embed/python/pyproject.toml', name: 'wasmtime' },
    ...{ licence: 'Apache-2.0 WITH LLVM-exception', used: 'by it' },
  },
  {
    ...{ library: 'Python', manifest: 'embed/python/requirements-test.in', name: 'pytest' },
    ...{ licence: 'MIT', used: 'by its tests' },
  },
  {
    ...{ library: 'Java', manifest: 'embed/java/pom.xml', name: 'com.dylibso.chicory' },
    ...{ licence: 'Apache-2.0', used: 'by it' },
  },
  {
    ...{ library: 'Java', manifest: 'embed/java/pom.xml', name: 'org.junit.jupiter' },
    ...{ licence: 'EPL-2.0', used: 'by its tests' },
  },
  { library: 'Java', manifest: 'embed/java/pom.xml', name: 'org.json', licence: 'Public-Domain', used: 'by its tests' },
]

/** The packages of a lock file, without those that are only for other machines of the same package. */
function locked(path: string): [name: string, entry: Locked][] {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Locked> }
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, entry]) => [place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length), entry])
}

/** The names of packages by their licence, the most frequent first. */
function byLicence(packages: readonly [string, Locked][]): string[][] {
  const names = new Map<string, Set<string>>()
  for (const [name, { license }] of packages) {
    if (license === undefined) throw new Error(`the lock file tells no licence of ${name}`)
    names.set(license, (names.get(license) ?? new Set()).add(name))
  }
  return [...names]
    .sort(([a, { size: first }], [b, { size: second }]) => second - first || (a < b ? -1 : 1))
    .map(([licence, { size }]) => [licence, String(size), [...(names.get(licence) ?? [])].sort().join(', ')])
}

/** How a manifest declares dependencies; each match names one. */
const declarations: Readonly<Record<string, (text: string) => RegExpMatchArray[]>> = {
  'embed/rust/Cargo.toml': (text) =>
    [...text.matchAll(/^\[(?:dev-)?dependencies\]\n((?:.+\n)*)/gm)].flatMap(([, lines = '']) => [
      ...lines.matchAll(/^([\w-]+) = /gm),
    ]),
  'embed/go/go.mod': (text) => [...text.matchAll(/^(?:require )?\s*([\w.]+\/\S+) v/gm)],
  'embed/python/pyproject.toml': (text) => [...text.matchAll(/^dependencies = \["([\w-]+)/gm)],
  'embed/python/requirements-test.in': (text) => [...text.matchAll(/^([\w-]+)==/gm)],
  'embed/java/pom.xml': (text) => [...text.matchAll(/<dependency>\s*<groupId>([^<]+)/g)],
}

/** Makes sure that nothing is declared without being listed here, nor the other way round. */
function checkDeclarations(): void {
  for (const [manifest, find] of Object.entries(declarations)) {
    const declared = [...new Set(find(readFileSync(manifest, 'utf8')).map(([, name = '']) => name))].sort()
    const listed = others.flatMap(({ manifest: each, name }) => (each === manifest ? [name] : [])).sort()
    const missing = declared.filter((name) => !others.some((each) => each.name === name))
    const gone = listed.filter((name) => !declared.includes(name))
    if (missing.length + gone.length > 0) {
      throw new Error(`${manifest}: scripts/generate/licences.ts lacks ${missing} and has ${gone} for nothing`)
    }
  }
}

const rowOf = ({ library, name, licence, used }: Dependency): string[] => [library, `\`${name}\``, licence, used]

/** The document, by its path. */
export function generateLicences(): Map<string, string> {
  checkDeclarations()
  const packages = locked('package-lock.json')
  const tools = locked('scripts/release-tools/package-lock.json')
  const find = (name: string): string[] => {
    const entry = packages.find(([each]) => each === name)?.[1]
    if (entry?.version === undefined || entry.license === undefined) throw new Error(`${name} is not locked`)
    return [`\`${name}\``, entry.version, entry.license]
  }
  const text = [
    generatedBy('package-lock.json and the manifests of embed/', 'licences.ts'),
    '# Licences',
    '',
    'finrst is under the [MIT licence](../LICENSE), and `spec/` is CC0-1.0. What is not ours:',
    '',
    '## In the npm package',
    '',
    'Bundled code, whose licences are in `dist/licences.txt`, and one optional dependency.',
    '',
    ...table(
      ['package', 'version', 'licence', ''],
      [...Object.keys(bundled).map((name) => [...find(name), 'bundled']), [...find('koffi'), 'beside it, optional']],
    ),
    '',
    '## The libraries in other languages',
    '',
    'What they declare themselves; what that brings is in their lock files.',
    '',
    ...table(['library', 'dependency', 'licence', 'used'], others.map(rowOf)),
    '',
    '## What it is developed with',
    '',
    'Nothing of this is published. Names of packages, with those that they bring, for all machines.',
    '',
    ...table(['licence', 'packages', ''], byLicence(packages)),
    '',
    'What only the check of a release installs (`scripts/release-tools`):',
    '',
    ...table(['licence', 'packages', ''], byLicence(tools)),
    '',
  ]
  return new Map([['docs/licences.md', text.join('\n')]])
}
