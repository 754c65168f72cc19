// Tests what clients and proxies that nobody here wrote make of a truncated answer, without a guard and with one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guardServer } from '#adapter/index'
import { fact } from './support/deadline.js'
import { listening, portOf } from './support/pair.js'
import { startProxy } from './support/proxies.js'
import { type Ended, factWith, runTool } from './support/tools.js'

const half = 100_000

/** A body without a length, as of HTTP/1.0: its end is the end of file. */
const truncate = (response: http.ServerResponse): void => {
  response.useChunkedEncodingByDefault = false
  response.shouldKeepAlive = false
  response.writeHead(200, { 'Content-Type': 'text/plain' })
  response.write('x'.repeat(half), () => setTimeout(() => response.destroy(new Error('the disk is gone')), 50))
}

const handler: http.RequestListener = ({ url }, response) => {
  if (url === '/truncated') truncate(response)
  else if (url === '/chunks') response.write('x'.repeat(half), () => setTimeout(() => response.destroy(), 50))
  else if (url === '/nothing') response.destroy()
  else response.end('y'.repeat(2 * half))
}

/** Both servers, while a test looks at them. */
const withServers = async (look: (bare: number, guarded: number) => Promise<void>): Promise<void> => {
  const servers = [http.createServer(handler), http.createServer(handler)] as const
  const guards = guardServer(servers[1])
  for (const server of servers) await listening(server)
  try {
    await look(portOf(servers[0]), portOf(servers[1]))
  } finally {
    servers[0].close()
    servers[0].closeAllConnections()
    await guards.abort()
  }
}

const at = (port: number, path: string): string => `http://127.0.0.1:${port}${path}`

factWith('curl', 'curl', 'curl takes the half for the whole without a guard, and fails with one', () =>
  withServers(async (bare, guarded) => {
    const curl = (port: number, path: string) => runTool(['curl', '-s', '-S', at(port, path)])
    const harm = await curl(bare, '/truncated')
    assert.equal([harm.code, harm.output.length], [0, half])
    const { code, errors } = await curl(guarded, '/truncated')
    assert.ok(code === 18 || code === 56, `${code}: ${errors}`)
    const whole = await curl(guarded, '/whole')
    assert.equal([whole.code, whole.output.length], [0, 2 * half])
  }),
)

factWith('curl', 'curl', 'curl reuses a kept-alive connection of a guarded server', () =>
  withServers(async (_, guarded) => {
    const urls = [at(guarded, '/1'), at(guarded, '/2'), at(guarded, '/3')]
    const { code, output } = await runTool([
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{num_connects} ',
      ...urls.flatMap((url, index) => (index ? ['-o', '/dev/null', url] : [url])),
    ])
    assert.equal([code, output], [0, '1 0 0 '])
  }),
)

factWith('wget', 'wget', 'wget takes the half for the whole without a guard, and fails with one', () =>
  withServers(async (bare, guarded) => {
    const wget = (port: number, path: string) => runTool(['wget', '-q', '-O', '-', '--tries=1', at(port, path)])
    const harm = await wget(bare, '/truncated')
    assert.equal([harm.code, harm.output.length], [0, half])
    assert.is((await wget(guarded, '/truncated')).code, 4)
    assert.is((await wget(guarded, '/whole')).output.length, 2 * half)
  }),
)

const python = `
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=30)
connection.request('GET', sys.argv[2])
try:
    print(len(connection.getresponse().read()))
except (OSError, http.client.HTTPException) as error:
    print(type(error).__name__)
`
factWith('python3', 'python3', "Python's http.client returns the half without a guard, and raises with one", () =>
  withServers(async (bare, guarded) => {
    const read = async (port: number, path: string): Promise<string> =>
      (await runTool(['python3', '-c', python, String(port), path])).output.trim()
    assert.is(await read(bare, '/truncated'), String(half))
    assert.is(await read(guarded, '/truncated'), 'ConnectionResetError')
    assert.is(await read(guarded, '/whole'), String(2 * half))
  }),
)

fact('fetch rejects with the reset of a body in chunks; of one without length it hides the reset, on purpose', () =>
  withServers(async (bare, guarded) => {
    const read = async (port: number, path: string): Promise<string> => {
      try {
        return String((await (await fetch(at(port, path))).text()).length)
      } catch (error) {
        return (error as { cause?: NodeJS.ErrnoException }).cause?.code ?? String(error)
      }
    }
    assert.is(await read(bare, '/chunks'), 'UND_ERR_SOCKET')
    assert.is(await read(guarded, '/chunks'), 'ECONNRESET')
    assert.is(await read(guarded, '/whole'), String(2 * half))
    // undici takes what came before a reset for all there is, if no length and no keep-alive was promised.
    const hidden = await read(guarded, '/truncated')
    assert.ok(hidden === String(half) || hidden === 'ECONNRESET', hidden)
    console.log(`note: the reset of a body without length: fetch gives ${hidden}`)
  }),
)

const goSource = `package main

import ("fmt"; "io"; "net/http"; "os")

func main() {
	response, err := http.Get(os.Args[1])
	if err != nil { fmt.Println("no response"); return }
	body, err := io.ReadAll(response.Body)
	if err != nil { fmt.Println("error"); return }
	fmt.Println(len(body))
}
`
factWith(
  'go',
  'golang-go',
  "Go's client returns the half without a guard, and an error with one",
  () =>
    withServers(async (bare, guarded) => {
      const folder = mkdtempSync(join(tmpdir(), 'finrst-go-'))
      try {
        const file = join(folder, 'main.go')
        writeFileSync(file, goSource)
        const built = await runTool(['go', 'build', '-o', join(folder, 'get'), file], { FINRST_TIMEOUT: '240000' })
        assert.is(built.code, 0, built.errors)
        const read = async (port: number, path: string): Promise<string> =>
          (await runTool([join(folder, 'get'), at(port, path)])).output.trim()
        assert.is(await read(bare, '/truncated'), String(half))
        assert.is(await read(guarded, '/truncated'), 'error')
        assert.is(await read(guarded, '/whole'), String(2 * half))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
  250_000,
)

for (const [name, apt] of [
  ['nginx', 'nginx-light'],
  ['haproxy', 'haproxy'],
] as const) {
  factWith(
    name,
    apt,
    name === 'nginx'
      ? 'nginx serves the half as a whole without a guard, and breaks off with one'
      : 'haproxy breaks off what has a framing, and hides the reset of what has none',
    () =>
      withServers(async (bare, guarded) => {
        const proxies = [await startProxy(name, bare), await startProxy(name, guarded)] as const
        const curl = (port: number, path: string, ...more: string[]) =>
          runTool(['curl', '-s', '-S', ...more, at(port, path)])
        const brokenOff = ({ code }: Ended): boolean => code === 18 || code === 56
        try {
          const harm = await curl(proxies[0].port, '/truncated')
          assert.equal([harm.code, harm.output.length], [0, half])
          const truncated = await curl(proxies[1].port, '/truncated')
          // HAProxy takes a reset of a body without length for its end, as undici does.
          if (name === 'nginx') assert.ok(brokenOff(truncated), `${truncated.code}: ${truncated.errors}`)
          else console.log(`note: the reset of a body without length: through ${name} curl ends with ${truncated.code}`)
          assert.ok(brokenOff(await curl(proxies[1].port, '/chunks')))
          const whole = await curl(proxies[1].port, '/whole')
          assert.equal([whole.code, whole.output.length], [0, 2 * half])
          const none = await curl(proxies[1].port, '/nothing', '-o', '/dev/null', '-w', '%{http_code}')
          assert.is(none.output, '502')
        } finally {
          for (const proxy of proxies) await proxy.stop()
        }
      }),
  )
}

test.run()
