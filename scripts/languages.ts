// The languages that the policy is embedded in: what each needs to be tested, and how its testee is started.

/** What the scripts must know of a language. */
export interface Language {
  /** Its name for people. */
  title: string
  /** A command that succeeds where the language can be tested. */
  toolchain: readonly string[]
  /** How its testee is started once its tests have run. */
  testee: readonly string[]
  /** What measures its costs, once its tests have run, in which folder, and what the bytes are that it counts. */
  bench: { command: readonly string[]; folder: string; bytesOf: string }
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
    bench: {
      command: ['bench', 'bare', 'guarded'].map((name) => `.cache/embed/c/gcc/${name}`),
      folder: '.',
      bytesOf: 'a stripped program',
    },
  },
  go: {
    title: 'Go',
    toolchain: ['go', 'version'],
    testee: ['.cache/embed/go/testee'],
    bench: {
      command: ['go', 'test', '-run', '^$', '-bench', '.', './...'],
      folder: 'embed/go',
      bytesOf: 'a stripped program without TLS and HTTP of its own',
    },
  },
  java: {
    title: 'Java',
    toolchain: ['sh', '-c', 'mvn --version >&2 && javac --release 17 --version'],
    testee: ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', javaPath, 'dev.finrst.Testee'],
    bench: {
      command: ['java', '-cp', javaPath, 'embed/java/Bench.java'],
      folder: '.',
      bytesOf: 'the classes, and the jars of Chicory',
    },
  },
  python: {
    title: 'Python',
    toolchain: [python, '-c', 'import sys, venv; assert sys.version_info >= (3, 9)'],
    testee: ['.cache/embed/python/bin/python', 'embed/python/testee.py'],
    bench: {
      command: ['.cache/embed/python/bin/python', 'embed/python/bench.py'],
      folder: '.',
      bytesOf: 'the package, and wasmtime as installed',
    },
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
      bytesOf: 'a stripped program',
    },
  },
} as const satisfies Record<string, Language>

export type LanguageName = keyof typeof languages

/** Whether there is an embedding of that name. */
export const isLanguage = (name: string): name is LanguageName => Object.hasOwn(languages, name)
