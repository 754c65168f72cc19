// The probes of an HTTP/1.1 server: what is sent to it, and what its way to end the connection means to a client.
import { lossByReset, type Meaning, type Seen, seenOf, truncation } from './finding.js'
import { readAnswers } from './http.js'
import type { Probe, Scene } from './probe.js'

/** How long a reset behind a FIN is waited for. */
const settleMs = 1000
const block = 64 * 1024
const uploadBytes = 1024 * 1024
const declaredBytes = 1024 * 1024 * 1024
const secondBytes = 256 * 1024
const requestBytes = 1024
const filler = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(120)

const request = ({ target, path }: Scene, method: string, ...headers: string[]): string =>
  [`${method} ${path} HTTP/1.1`, `Host: ${target.name}`, 'User-Agent: finrst-audit', ...headers, '', ''].join('\r\n')

const status = ({ answers = [] }: Seen): number | undefined => answers[0]?.status
const good = (says: string, clause: string): Meaning => ({ level: 'good', says, clause })

/** How a wait of the server that the client did not end was ended. */
const meaningOfWait = (seen: Seen, waitMs: number, after: string): Meaning => {
  const clause = 'RFC 9112 9.5'
  const answered = status(seen) === undefined ? '' : `${status(seen)} and `
  if (seen.ended === 'open') {
    return { level: 'note', says: `still open after ${waitMs / 1000} s: its bound is longer, or there is none`, clause }
  }
  if (seen.ended === 'fin') return good(`${answered}FIN ${after}`, clause)
  return { level: 'bad', says: `${answered}RST ${after}: a timeout should close gracefully`, clause }
}

const answer: Probe = {
  id: 'answer',
  title: 'An answer with Connection: close',
  did: 'one GET with Connection: close',
  connections: 1,
  sendBytes: requestBytes,
  async play(scene) {
    const connection = await scene.open(requestBytes)
    connection.send(request(scene, 'GET', 'Connection: close'))
    const seen = seenOf(connection, await connection.ending(scene.waitMs), ['GET'])
    connection.release()
    return { seen, meaning: meaningOfAnswer(seen) }
  },
}

const meaningOfAnswer = (seen: Seen): Meaning => {
  const [first] = seen.answers ?? []
  if (first === undefined) return { level: 'bad', says: 'no answer of HTTP/1.1', clause: 'RFC 9112 9.2' }
  if (seen.ended === 'open') {
    return { level: 'bad', says: `${first.status}, and the connection stays open`, clause: 'RFC 9112 9.6' }
  }
  if (seen.ended === 'reset') {
    return { level: 'bad', says: `${first.status} and then RST, although all was read`, clause: 'RFC 9112 9.6' }
  }
  if (first.complete === undefined) {
    return {
      level: 'risk',
      says: `${first.status} without a length: only the end says that it is whole, so a crash must not look like it`,
      clause: 'RFC 9112 6.3',
    }
  }
  return good(`a whole ${first.status}, then FIN`, 'RFC 9112 9.6')
}

const halfClose: Probe = {
  id: 'half-close',
  title: 'The client half-closes behind its request',
  did: 'one GET, and at once our FIN; then we read',
  connections: 1,
  sendBytes: requestBytes,
  async play(scene) {
    const connection = await scene.open(requestBytes)
    connection.send(request(scene, 'GET'))
    connection.finish()
    const seen = seenOf(connection, await connection.ending(scene.waitMs), ['GET'])
    connection.release()
    return { seen, meaning: meaningOfHalfClose(seen) }
  },
}

const meaningOfHalfClose = (seen: Seen): Meaning => {
  const clause = 'RFC 9293 3.6'
  const [first] = seen.answers ?? []
  if (seen.ended === 'open') {
    return {
      level: 'risk',
      says: 'keeps the connection although the client will never ask again',
      clause: 'RFC 9112 9.5',
    }
  }
  if (first === undefined) {
    const how = seen.ended === 'fin' ? 'FIN' : 'RST'
    return { level: 'risk', says: `no answer but ${how}: takes the end of sending for the end of reading`, clause }
  }
  if (seen.ended === 'reset')
    return { level: 'bad', says: `${first.status} and then RST, although all was read`, clause }
  return good(`a whole ${first.status}, then FIN`, clause)
}

const earlyReply: Probe = {
  id: 'early-reply',
  title: 'An answer before the upload has ended',
  did: `a POST that declares 1 GiB; 64 KiB of it, and 960 KiB more once an answer has come`,
  connections: 1,
  sendBytes: requestBytes + uploadBytes,
  async play(scene) {
    const connection = await scene.open(requestBytes + uploadBytes)
    connection.send(
      request(scene, 'POST', `Content-Length: ${declaredBytes}`, 'Content-Type: application/octet-stream'),
    )
    connection.send(filler(block))
    await connection.until(() => readAnswers(connection.bytes(), ['POST']).length > 0, scene.waitMs)
    const early = connection.received > 0
    if (early) connection.send(filler(uploadBytes - block))
    let ended = early || connection.ended ? await connection.ending(scene.waitMs) : 'open'
    // The reset that answers what was sent behind its FIN is on its way.
    if (ended === 'fin') await connection.lookBehindFin(settleMs)
    if (connection.ended) ended = connection.ended
    const seen = seenOf(connection, ended, ['POST'])
    connection.abort()
    return { seen, meaning: meaningOfEarlyReply(seen) }
  },
}

const meaningOfEarlyReply = (seen: Seen): Meaning => {
  const [first] = seen.answers ?? []
  if (first === undefined) {
    if (seen.ended === 'open')
      return { level: 'note', says: 'no answer before the upload has ended: it reads all first' }
    const how = seen.ended === 'fin' ? 'FIN' : 'RST'
    return { level: 'bad', says: `${how} in the middle of the upload, and no answer`, clause: 'RFC 9112 9.6' }
  }
  if (seen.ended === 'reset' || seen.resetLater) return lossByReset(first.status, 'the rest of the upload')
  if (seen.ended === 'open') return good(`${first.status}, and it goes on reading the upload`, 'RFC 9112 9.6')
  return good(`${first.status} and FIN, and it takes the rest of the upload`, 'RFC 9112 9.6')
}

const pipelined: Probe = {
  id: 'pipelined',
  title: 'A second request behind Connection: close',
  did: 'a GET with Connection: close, and at once a POST of 256 KiB',
  connections: 1,
  sendBytes: 2 * requestBytes + secondBytes,
  async play(scene) {
    const connection = await scene.open(2 * requestBytes + secondBytes)
    const second = request(scene, 'POST', `Content-Length: ${secondBytes}`)
    connection.send(request(scene, 'GET', 'Connection: close') + second)
    connection.send(filler(secondBytes))
    const ended = await connection.ending(scene.waitMs)
    if (ended === 'fin') await connection.lookBehindFin(settleMs)
    const seen = seenOf(connection, ended, ['GET', 'POST'])
    connection.release()
    return { seen, meaning: meaningOfPipelined(seen) }
  },
}

const meaningOfPipelined = (seen: Seen): Meaning => {
  const clause = 'RFC 9112 9.6'
  const { answers = [], ended } = seen
  const [first, second] = answers
  if (first === undefined) return { level: 'bad', says: 'no answer to the first request', clause }
  if (second !== undefined) {
    return { level: 'bad', says: 'answers the second request too, which it must not process', clause }
  }
  if (ended === 'reset' || seen.resetLater) return lossByReset(first.status, 'the second request')
  if (ended === 'open') return { level: 'bad', says: `${first.status}, and the connection stays open`, clause }
  return good(`one ${first.status}, then FIN`, clause)
}

/** How long the server waits behind something that the client sends, or behind nothing. */
const waiting = (
  about: Pick<Probe, 'id' | 'title' | 'did' | 'sendBytes'>,
  after: string,
  sent: (get: string) => string = (get) => get,
): Probe => ({
  ...about,
  connections: 1,
  waits: true,
  async play(scene) {
    const connection = await scene.open(about.sendBytes)
    if (about.sendBytes > 0) connection.send(sent(request(scene, 'GET')))
    const seen = seenOf(connection, await connection.ending(scene.waitMs), ['GET'])
    connection.release()
    return { seen, meaning: meaningOfWait(seen, scene.waitMs, after) }
  },
})

const idle = waiting(
  { id: 'idle', title: 'A connection on which nothing is asked', did: 'nothing', sendBytes: 0 },
  'for one that asks nothing',
)

const idleBehindAnswer = waiting(
  {
    id: 'idle-behind-answer',
    title: 'A kept connection on which nothing more is asked',
    did: 'one GET, and nothing after its answer',
    sendBytes: requestBytes,
  },
  'behind an answer',
)

const halfRequest = waiting(
  {
    id: 'half-request',
    title: 'A request that never ends',
    did: 'the first half of the head of a GET, and nothing more',
    sendBytes: requestBytes,
  },
  'for half a request',
  (get) => get.slice(0, -2),
)

const badRequest: Probe = {
  id: 'bad-request',
  title: 'A request that is none, with more behind it',
  did: 'a line that is no request, and 64 KiB behind it',
  connections: 1,
  sendBytes: requestBytes + block,
  async play(scene) {
    const connection = await scene.open(requestBytes + block)
    connection.send('this is no request\r\n\r\n')
    connection.send(filler(block))
    const ended = await connection.ending(scene.waitMs)
    if (ended === 'fin') await connection.lookBehindFin(settleMs)
    const seen = seenOf(connection, ended, ['GET'])
    connection.release()
    return { seen, meaning: meaningOfBadRequest(seen, scene.waitMs) }
  },
}

const meaningOfBadRequest = (seen: Seen, waitMs: number): Meaning => {
  const clause = 'RFC 9112 9.6'
  const code = status(seen)
  const reset = seen.ended === 'reset' || seen.resetLater === true
  if (seen.ended === 'open') return meaningOfWait(seen, waitMs, 'for what is no request')
  if (code === undefined) {
    return { level: 'note', says: `no answer of HTTP/1.1, but ${reset ? 'RST' : 'FIN'}`, clause }
  }
  return reset ? lossByReset(code, 'what came behind it') : good(`${code}, then FIN`, clause)
}

const abort: Probe = {
  id: 'abort',
  title: 'The client resets, and another one comes',
  did: 'a GET and a reset of ours as soon as an answer begins; then a GET on a new connection',
  connections: 2,
  sendBytes: 2 * requestBytes,
  async play(scene) {
    const first = await scene.open(requestBytes)
    first.send(request(scene, 'GET'))
    await first.until(() => first.received > 0, scene.waitMs)
    first.abort()
    const second = await scene.open(requestBytes)
    second.send(request(scene, 'GET', 'Connection: close'))
    const seen = seenOf(second, await second.ending(scene.waitMs), ['GET'])
    second.release()
    const meaning: Meaning =
      (seen.answers ?? []).length > 0
        ? good('a reset of one client is no matter to the next', 'RFC 9293 3.5.3')
        : { level: 'bad', says: 'after a reset of one client the next gets no answer', clause: 'RFC 9293 3.5.3' }
    return { seen, meaning }
  },
}

/** Those that mostly wait can go on beside each other. */
export const httpProbes: readonly Probe[] = [
  ...[answer, halfClose, earlyReply, pipelined, badRequest, abort],
  ...[idle, idleBehindAnswer, halfRequest],
].map((probe) => ({
  ...probe,
  play: async (scene: Scene) => {
    const { seen, meaning } = await probe.play(scene)
    return { seen, meaning: truncation(seen) ?? meaning }
  },
}))
