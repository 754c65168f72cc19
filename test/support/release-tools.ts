// Declares tests that need the tools of a release; where those cannot be installed they are skipped with the reason.
import { join } from 'node:path'
import { releaseTools } from '../../scripts/release-tools.ts'
import { factIf } from './deadline.ts'

const found = await releaseTools().then(
  (folder) => ({ folder, missing: false as const }),
  (error: unknown) => ({ folder: '', missing: String(error).split('\n')[0] ?? 'no tools' }),
)

/** The folder that they are installed in. */
export const toolsFolder = found.folder

/** The path of a file of one of them. */
export const tool = (path: string): string => join(found.folder, 'node_modules', path)

/** Declares a test that needs them. Continuous integration has to have them. */
export const withTools = (name: string, body: () => Promise<void>): void =>
  factIf(process.env.CI === 'true' ? false : found.missing, name, body, 180_000)
