// The descriptor of a net.Socket of Deno that has no guard: a duplicate, made when it is needed and closed after that.
import { Descriptor } from '../core/descriptor.js'
import { readDescriptor } from '../net/bare.js'
import type { Lent } from '../net/host.js'
import type { Internals } from '../net/stream.js'
import { findDescriptor, keepDescriptor } from './descriptor.js'
import { platform } from './platform.js'

const handles = { read: readDescriptor, keep: keepDescriptor }

/** What Deno gives of a socket as long as it has its handle. */
export class LentDescriptor implements Lent {
  #descriptor: Descriptor | undefined
  readonly #socket: Internals

  constructor(socket: Internals) {
    this.#socket = socket
  }

  get descriptor(): Descriptor | undefined {
    if (this.#descriptor !== undefined) return this.#descriptor
    const found = findDescriptor(this.#socket)
    if (found !== undefined) this.#descriptor = Descriptor.of({}, found, platform(), handles)
    return this.#descriptor
  }

  rest(): void {
    this.#descriptor?.close()
    this.#descriptor = undefined
  }

  leave(): void {
    this.rest()
  }
}
