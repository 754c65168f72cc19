// A client of HTTP that writes text as it is told and collects what comes back, over TCP or TLS.
import net from 'node:net'
import tls from 'node:tls'
import { hiddenReset } from './descriptors.js'
import { emitted } from './pair.js'
import { certificate } from './secure-pair.js'

/** A client that writes text and collects what comes back. */
export class RawClient {
  text = ''
  ending: 'eof' | 'reset' | undefined
  readonly socket: net.Socket
  readonly #ended: Promise<void>

  constructor(kind: 'http' | 'https', port: number) {
    const to = { port, host: '127.0.0.1' }
    this.socket = kind === 'http' ? net.connect(to) : tls.connect({ ...to, ca: certificate.cert })
    this.#ended = new Promise((resolve) => {
      this.socket.setEncoding('latin1').on('data', (more: string) => {
        this.text += more
      })
      this.socket.on('end', () => {
        this.ending ??= hiddenReset(this.socket) ? 'reset' : 'eof'
        resolve()
      })
      this.socket.on('error', () => {
        this.ending ??= 'reset'
        resolve()
      })
    })
  }

  async until(holds: (text: string) => boolean): Promise<void> {
    while (!holds(this.text)) await emitted(this.socket, 'data')
  }

  async ended(): Promise<string> {
    await this.#ended
    return this.ending ?? ''
  }
}
