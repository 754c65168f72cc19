// A real Chromium for tests of the explorer, and a server on loopback that sends it with a policy of one's choice.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { fact, factIf } from './deadline.ts'

/** How to get it on Debian. */
export const installLine = 'apt-get install -y --no-install-recommends chromium'

const places = [
  process.env.FINRST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** The Chromium of this machine; undefined: it has none. */
export const chromiumPath = places.find((path) => path !== '' && existsSync(path))

// It asks nobody in the world for anything.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

interface Look {
  width?: number
  height?: number
  scheme?: 'light' | 'dark'
  motion?: 'reduce' | 'no-preference'
}

/** A window, and what the page in it complained of. */
export interface Window {
  page: Page
  complaints: string[]
}

const enough = 240_000

/** A test that needs a browser; whoever tests for everybody must have one. */
export const browsing = (name: string, body: () => Promise<void>): void => {
  const missing = chromiumPath === undefined && `no Chromium here: ${installLine}`
  if (missing !== false && process.env.CI !== undefined)
    fact(name, () => {
      throw new Error(missing)
    })
  else factIf(missing, name, body, enough)
}

const folders: string[] = []
const contexts: BrowserContext[] = []

/** Opens a window with a profile of its own. */
export async function openWindow({
  width = 1280,
  height = 900,
  scheme = 'light',
  motion = 'no-preference',
}: Look = {}): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), 'finrst-chromium-'))
  folders.push(profile)
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? '',
    headless: true,
    args: flags,
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: motion,
    timeout: 60_000,
  })
  context.setDefaultTimeout(60_000)
  contexts.push(context)
  const page = context.pages()[0] ?? (await context.newPage())
  const complaints: string[] = []
  page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // Whoever leaves a page gives up what it was still loading.
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`)
  })
  return { page, complaints }
}

/** Closes every window and takes the profiles away. */
export async function closeWindows(): Promise<void> {
  for (const context of contexts.splice(0)) await context.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
}

/** Serves the files of a folder, each with this Content-Security-Policy; answers the address and how to stop. */
export async function serve(folder: string, policy: string): Promise<{ address: string; stop: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://localhost').pathname) || 'index.html'
    const path = join(folder, name)
    const found = existsSync(path)
    response.writeHead(found ? 200 : 404, {
      'content-type': types[name.split('.').at(-1) ?? ''] ?? 'text/plain',
      'content-security-policy': policy,
      connection: 'close',
    })
    response.end(found ? readFileSync(path) : 'not found')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/index.html`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
