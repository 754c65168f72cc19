// The languages that the policy is embedded in: what each needs to be tested, and how its testee is started.

/** What the scripts must know of a language. */
export interface Language {
  /** Its name for people. */
  title: string
  /** A command that succeeds where the language can be tested. */
  toolchain: readonly string[]
  /** How its testee is started once its tests have run. */
  testee: readonly string[]
  /** What measures its costs, once its tests have run, and in which folder. */
  bench: { command: readonly string[]; folder: string }
}

/** The classes and the libraries of the Java embedding, as its test.sh leaves them. */
const javaPath = ['test-classes', 'classes', 'lib/*'].map((part) => `.cache/embed/java/${part}`).join(':')
const python = process.env.PYTHON ?? 'python3'

/** By the name of the folder in embed/. */
export const languages = {
  c: {
    title: 'C',
    toolchain: ['cc', '-dumpversion'],
    testee: ['.cache/embed/c/testee'],
    bench: { command: ['.cache/embed/c/gcc/bench'], folder: '.' },
  },
  go: {
    title: 'Go',
    toolchain: ['go', 'version'],
    testee: ['.cache/embed/go/testee'],
    bench: { command: ['go', 'test', '-run', '^$', '-bench', '.', './...'], folder: 'embed/go' },
  },
  java: {
    title: 'Java',
    toolchain: ['sh', '-c', 'mvn --version >&2 && javac --release 17 --version'],
    testee: ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', javaPath, 'dev.finrst.Testee'],
    bench: { command: ['java', '-cp', javaPath, 'embed/java/Bench.java', '--json'], folder: '.' },
  },
  python: {
    title: 'Python',
    toolchain: [python, '-c', 'import sys, venv; assert sys.version_info >= (3, 9)'],
    testee: ['.cache/embed/python/bin/python', 'embed/python/testee.py'],
    bench: { command: ['.cache/embed/python/bin/python', 'embed/python/bench.py'], folder: '.' },
  },
  rust: {
    title: 'Rust',
    toolchain: ['cargo', 'clippy', '--version'],
    testee: ['.cache/embed/rust/debug/examples/testee'],
    bench: {
      command: [
        'cargo',
        'run',
        '--quiet',
        '--release',
        '--target-dir',
        '../../.cache/embed/rust',
        '--example',
        'bench',
      ],
      folder: 'embed/rust',
    },
  },
} as const satisfies Record<string, Language>

export type LanguageName = keyof typeof languages

/** Whether there is an embedding of that name. */
export const isLanguage = (name: string): name is LanguageName => Object.hasOwn(languages, name)
