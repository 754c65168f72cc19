// The peer's side of HTTP: Node's own client, which keeps connections alive, uploads too much, meets broken answers.
import http from 'node:http'
import https from 'node:https'
import { Comparison } from './endings.js'
import type { WebEnding } from './web-endings.js'

/** What is asked of the guarded server, and over which transport. */
export interface WebVisit {
  port: number
  secure: boolean
  what: WebEnding
  bytes: number
  agent?: http.Agent
  deadline: number
}

const uploadBytes = 1_000_000

/** Asks once, for the last answer unless an agent keeps the connection. Resolves to what contradicts the promise. */
const ask = ({ port, secure, what, bytes, agent, deadline }: WebVisit): Promise<string | undefined> =>
  new Promise((resolve) => {
    const client = secure ? https : http
    const request = client.request({
      ...{ port, host: '127.0.0.1', path: `/${what}/${bytes}`, method: what === 'early' ? 'POST' : 'GET' },
      ...(secure ? { rejectUnauthorized: false } : {}),
      agent: agent ?? false,
      timeout: 0,
    })
    const read = new Comparison()
    const settle = (why?: string): void => {
      clearTimeout(timer)
      resolve(why)
    }
    const timer = setTimeout(() => {
      settle(`no ending within ${deadline} ms`)
      request.destroy()
    }, deadline)
    const broke = (error: Error): void => settle(what === 'broken' ? undefined : error.message)
    request.on('error', broke)
    request.on('response', (response) => {
      response.on('data', (chunk: Buffer) => read.take(chunk))
      response.on('error', broke)
      response.on('end', () => {
        if (what === 'broken') settle('a broken answer was taken for a whole one')
        else if (read.bytes !== bytes || !read.same) settle(`${read.bytes} of ${bytes} bytes, same: ${read.same}`)
        else settle()
        if (what === 'left') request.socket?.resetAndDestroy()
      })
    })
    request.end(what === 'early' ? Buffer.alloc(uploadBytes) : undefined)
  })

/** How often each of these is asked for over one connection, which then is its client's to end. */
const times: Partial<Record<WebEnding, number>> = { whole: 3, left: 1 }

/** Makes a visit. Resolves as `ask()` does. */
export const visitWeb = async (visit: WebVisit): Promise<string | undefined> => {
  const most = times[visit.what]
  if (most === undefined) return ask(visit)
  const options = { keepAlive: true, maxSockets: 1 }
  const agent = visit.secure ? new https.Agent(options) : new http.Agent(options)
  try {
    for (let asked = 0; asked < most; asked += 1) {
      const why = await ask({ ...visit, agent })
      if (why !== undefined) return why
    }
    return undefined
  } finally {
    agent.destroy()
  }
}
