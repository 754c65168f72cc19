// The languages that the policy is embedded in: what each needs to be tested, and how its testee is started.

/** What the scripts must know of a language. */
export interface Language {
  /** Its name for people. */
  title: string
  /** A command that succeeds where the language can be tested. */
  toolchain: readonly string[]
  /** How its testee is started once its tests have run. */
  testee: readonly string[]
}

const python = process.env.PYTHON ?? 'python3'

/** By the name of the folder in embed/. */
export const languages = {
  go: { title: 'Go', toolchain: ['go', 'version'], testee: ['.cache/embed/go/testee'] },
  python: {
    title: 'Python',
    toolchain: [python, '-c', 'import sys, venv; assert sys.version_info >= (3, 9)'],
    testee: ['.cache/embed/python/bin/python', 'embed/python/testee.py'],
  },
} as const satisfies Record<string, Language>

export type LanguageName = keyof typeof languages

/** Whether there is an embedding of that name. */
export const isLanguage = (name: string): name is LanguageName => Object.hasOwn(languages, name)
