// A client that comes to a stage of its work and waits there to be killed: guarded, through an agent or fetch().
import http from 'node:http'
import * as adapter from '#adapter/index'
import { say } from './channel.js'

const [kind = '', stage = '', port = ''] = process.argv.slice(2)
const url = `http://127.0.0.1:${port}/`
const keepAlive = setInterval(() => undefined, 60_000)

const body = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('a part')) })

const viaAgent = async (): Promise<void> => {
  const agent = adapter.guardAgent(new http.Agent({ keepAlive: true }))
  if (stage === 'upload') {
    http.request(url, { agent, method: 'POST', headers: { 'content-length': 1000 } }).write('a part')
    return
  }
  await new Promise((resolve) => http.get(url, { agent }, (response) => response.resume().on('end', resolve)))
}

const viaFetch = async (): Promise<void> => {
  const { guardFetch } = adapter as { guardFetch?: () => unknown }
  guardFetch?.()
  if (stage === 'idle') await (await fetch(url)).text()
  else void fetch(url, { method: 'POST', body: body(), duplex: 'half' } as RequestInit).catch(() => undefined)
}

await (kind === 'agent' ? viaAgent() : viaFetch())
setImmediate(() => say({ stage }))
void keepAlive
