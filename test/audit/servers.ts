// Starts the servers that an audit is tested against: each on loopback, on a port of its own, in a folder of the test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { installed } from '../../scripts/runtimes.js'
import { works } from '../support/tools.js'

/** A server that runs. */
export interface Running {
  port: number
  stop(): Promise<void>
}

/** How a server is started, or why it cannot be. */
export interface Server {
  name: string
  /** What it needs that is not there, with the line that brings it. */
  missing: string | undefined
  start(): Promise<Running>
}

const startMs = 60_000

const freePort = (): Promise<number> =>
  new Promise((settle, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => settle(port))
    })
  })

const accepts = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      settle(true)
    })
    socket.once('error', () => settle(false))
  })

const stopChild = (child: ChildProcess, folder?: string): Promise<void> =>
  new Promise((settle) => {
    const gone = (): void => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
      settle()
    }
    if (child.exitCode !== null || child.signalCode !== null) return gone()
    child.once('exit', gone)
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), 3000).unref()
  })

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const start = (command: readonly string[]): { child: ChildProcess; said: () => string } => {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  return { child, said: () => said }
}

/** A program that prints its port when it listens. */
const startTelling = (command: readonly string[]): Promise<Running> => {
  const { child, said } = start(command)
  return new Promise((settle, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`${command.join(' ')}: ${why}\n${said()}`))
    }
    const timer = setTimeout(() => fail('no port in time'), startMs)
    child.once('error', ({ message }) => fail(message))
    child.once('exit', (code) => fail(`ended with ${code}`))
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
      clearTimeout(timer)
      child.removeAllListeners('exit')
      child.once('exit', () => running.delete(child))
      settle({ port: Number(line), stop: () => stopChild(child) })
    })
  })
}

/** A program that takes its port from a configuration; it is there when it accepts. */
const startConfigured = async (
  program: string,
  configure: (folder: string, port: number) => string[],
): Promise<Running> => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-audit-'))
  // A server that gives up its privileges has to get in.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'www'))
  writeFileSync(join(folder, 'www', 'index.html'), 'finrst')
  const port = await freePort()
  const { child, said } = start([program, ...configure(folder, port)])
  child.stdout?.resume()
  const end = Date.now() + startMs
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > end) {
      await stopChild(child, folder)
      throw new Error(`${program} does not listen on ${port}: ${said()}`)
    }
    await new Promise((wake) => setTimeout(wake, 50))
  }
  return { port, stop: () => stopChild(child, folder) }
}

const write = (folder: string, text: string): string => {
  const file = join(folder, 'server.conf')
  writeFileSync(file, text)
  return file
}

const nginx = (folder: string, port: number): string[] => {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  )
  const file = write(
    folder,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events {}
http {
  access_log off; client_header_timeout 1s; client_body_timeout 30s; keepalive_timeout 1s;
${temporary.join('\n')}
  server { listen 127.0.0.1:${port}; root ${folder}/www; }
}
`,
  )
  return ['-p', folder, '-c', file]
}

const apache = (folder: string, port: number): string[] => {
  const modules = ['mpm_event', 'authz_core', 'reqtimeout', 'dir'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  )
  const file = write(
    folder,
    `ServerRoot ${folder}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
Listen 127.0.0.1:${port}
${modules.join('\n')}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
ErrorLog ${folder}/error.log
DocumentRoot ${folder}/www
DirectoryIndex index.html
KeepAliveTimeout 1
RequestReadTimeout header=1 body=30
Timeout 30
LimitRequestBody 65536
`,
  )
  return ['-d', folder, '-f', file, '-DFOREGROUND']
}

const haproxy = (folder: string, port: number): string[] => {
  const file = write(
    folder,
    `global
  log stderr local0 warning
defaults
  mode http
  timeout client 1s
  timeout http-request 1s
  timeout http-keep-alive 1s
frontend all
  bind 127.0.0.1:${port}
  http-request return status 413 content-type text/plain string "finrst" if METH_POST
  http-request return status 200 content-type text/plain string "finrst"
`,
  )
  return ['-f', file, '-db']
}

const here = (name: string): string => resolve('test/audit', name)

const packaged = (name: string, program: string, apt: string, configure: typeof nginx): Server => ({
  name,
  missing: existsSync(program) ? undefined : `no ${name}: apt-get install -y --no-install-recommends ${apt}`,
  start: () => startConfigured(program, configure),
})

const inRuntime = (name: 'deno' | 'bun'): Server => {
  const found = installed(name)
  return {
    name,
    missing: 'missing' in found ? found.missing : undefined,
    start: () => startTelling('runtime' in found ? [...found.runtime.command, here(`${name}-server.mjs`)] : []),
  }
}

const startGo = async (): Promise<Running> => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-audit-'))
  const binary = join(folder, 'server')
  execFileSync('go', ['build', '-o', binary, here('go_server.go')], { stdio: 'inherit', timeout: 120_000 })
  const { port, stop } = await startTelling([binary])
  return { port, stop: () => stop().finally(() => rmSync(folder, { recursive: true, force: true })) }
}

const python = process.env.PYTHON ?? 'python3'

/** All of them. */
export const servers: readonly Server[] = [
  packaged('nginx', '/usr/sbin/nginx', 'nginx-light', nginx),
  packaged('apache', '/usr/sbin/apache2', 'apache2', apache),
  packaged('haproxy', '/usr/sbin/haproxy', 'haproxy', haproxy),
  {
    name: 'node',
    missing: undefined,
    start: () => startTelling([process.env.FINRST_NODE ?? process.execPath, here('node-server.mjs')]),
  },
  inRuntime('deno'),
  inRuntime('bun'),
  {
    name: 'python',
    missing: works(python, '--version') ? undefined : 'no Python: PYTHON=<path>, or python3 on the path',
    start: () => startTelling([python, here('python_server.py')]),
  },
  { name: 'go', missing: works('go', 'version') ? undefined : 'no Go on the path', start: startGo },
]
