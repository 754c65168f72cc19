// Installs the tools that only the check of a release needs, as scripts/release-tools/package-lock.json has them.
// Run by itself it prints where they are.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { npmCommand } from './nodes.ts'
import { runProcess } from './processes.ts'

const source = 'scripts/release-tools'
const manifests = ['package.json', 'package-lock.json']

/**
 * The folder whose `node_modules` holds the tools. They are installed once for each lock file, into .cache/.
 * @throws Error that tells what npm said, if they cannot be had
 */
export async function releaseTools(): Promise<string> {
  const lock = readFileSync(join(source, 'package-lock.json'))
  const folder = resolve('.cache/release-tools', createHash('sha256').update(lock).digest('hex').slice(0, 12))
  if (existsSync(folder)) return folder
  // Installed beside its place and then moved, so that the place is never half filled.
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  try {
    for (const name of manifests) copyFileSync(join(source, name), join(draft, name))
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    const { code, output } = await runProcess([...npmCommand(), 'ci', ...quiet], {
      deadlineSeconds: 180,
      folder: draft,
    })
    if (code !== 0) throw new Error(`npm ci in ${source} failed:\n${output.trim()}`)
    try {
      renameSync(draft, folder)
    } catch (error) {
      // Another process was quicker.
      if (!existsSync(folder)) throw error
    }
    return folder
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (basename(process.argv[1] ?? '') === 'release-tools.ts') console.log(await releaseTools())
