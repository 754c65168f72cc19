// nginx and HAProxy in front of a server of the test: on a loopback port and with a configuration of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listening, portOf } from './pair.js'
import { findTool } from './tools.js'

export type ProxyName = 'nginx' | 'haproxy'

/** A running proxy. */
export interface Proxy {
  port: number
  stop(): Promise<void>
}

const freePort = async (): Promise<number> => {
  const server = net.createServer()
  await listening(server)
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

const nginx = (folder: string, port: number, upstream: number): string => `
daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/errors warn;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; } }
}
`

const haproxy = (_: string, port: number, upstream: number): string => `
global
  maxconn 64
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  server one 127.0.0.1:${upstream}
`

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Starts a proxy in front of a port. */
export const startProxy = async (name: ProxyName, upstream: number): Promise<Proxy> => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-proxy-'))
  const port = await freePort()
  const file = join(folder, 'config')
  writeFileSync(file, (name === 'nginx' ? nginx : haproxy)(folder, port, upstream))
  const args = name === 'nginx' ? ['-p', folder, '-c', file, '-e', join(folder, 'errors')] : ['-db', '-f', file]
  const child: ChildProcess = spawn(findTool(name) ?? name, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      told += more
    })
  }
  const died = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`${name} does not listen: ${told}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await died
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, stop }
}
