// One request of Deno.serve() and its answer: whether the answer was declared complete, and whether Deno has all of it.
import type { Exchange, ServedWire } from '../core/served.js'
import type { ServeInfo } from './runtime.js'

const switchingProtocols = 101
const bodiless: readonly number[] = [204, 205, 304]

// The symbol under which Deno keeps what a response is made of.
let innerKey: symbol | undefined

/** The stream of a response that has one. What is no stream must not be asked for its body: it would become one. */
function streamOf(response: Response): ReadableStream<Uint8Array> | null {
  innerKey ??= Object.getOwnPropertySymbols(response).find(({ description }) => description === 'response')
  const key = innerKey
  const inner = key && (Reflect.get(response, key) as { body?: { streamOrStatic?: unknown } | null } | undefined)
  const known = inner && typeof inner === 'object' && 'body' in inner ? inner.body : undefined
  if (known === null) return null
  if (known && 'streamOrStatic' in known && !(known.streamOrStatic instanceof ReadableStream)) return null
  return response.body as ReadableStream<Uint8Array> | null
}

/** The exchange, as its connection asks for it. */
export class DenoExchange implements Exchange {
  #answered = false
  #declared = false
  #taken = false
  #failed = false
  #left = false
  #wire: ServedWire | undefined
  #stop: (() => void) | undefined
  /** Left out as long as nobody needs them, which is when the answer has no stream. */
  #asked: { alone: boolean; isHead: boolean } | undefined
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
  }

  /** Asks the request, before the answer is there: then Deno knows nothing of it any more. */
  #ask(): void {
    try {
      const { headers, method } = this.#request
      // HTTP/1.1 demands a Host, and HTTP/2 has another word for it.
      this.#asked ??= { alone: headers.has('host'), isHead: method === 'HEAD' }
    } catch {
      // It was upgraded, which HTTP/1.1 alone is.
      this.#asked = { alone: true, isHead: false }
    }
  }

  get #alone(): boolean {
    return this.#asked?.alone === true
  }

  get #isHead(): boolean {
    return this.#asked?.isHead === true
  }

  /** Deno tells that it has taken the answer, whether it was whole or not. */
  follow(info: ServeInfo, wire: ServedWire): void {
    this.#wire = wire
    const taken = (): void => {
      this.#taken = true
      wire.hurry()
    }
    info.completed.then(taken, taken)
  }

  state(): 'open' | 'taken' | 'broken' | 'left' {
    if (this.#left) return 'left'
    // A stream of HTTP/2 that fails is reset alone, and its connection goes on.
    if (this.#failed) return this.#alone ? 'broken' : 'taken'
    // An upgrade is taken before it has been answered.
    if (!this.#taken || !this.#answered) return 'open'
    return this.#declared || !this.#alone ? 'taken' : 'broken'
  }

  abandon(): void {
    this.#stop?.()
  }

  /** There is no answer of the owner's; Deno makes one. */
  refuse(error: unknown): void {
    this.#ask()
    this.#answered = true
    this.#declared = true
    if (this.#alone) this.#wire?.fail(error)
  }

  /** The answer will not be whole. */
  fail(error: unknown): void {
    this.#failed = true
    if (this.#alone) this.#wire?.fail(error)
  }

  /** The response as Deno is to get it. */
  answer(response: Response): Response {
    this.#answered = true
    if (!(response instanceof Response) || response.bodyUsed) return this.#whole(response)
    if (response.status === switchingProtocols) {
      this.#left = true
      return response
    }
    const body = streamOf(response)
    if (body === null || body.locked) return this.#whole(response)
    this.#ask()
    const { status, statusText, headers } = response
    return new Response(this.#watched(body, lengthOf(response)), { status, statusText, headers })
  }

  #whole(response: Response): Response {
    this.#declared = true
    return response
  }

  #watched(body: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    let left = length
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#stop = () => {
            this.#stop = undefined
            controller.close()
            reader.cancel().catch(() => undefined)
          }
        },
        pull: async (controller) => {
          const { done, value } = await this.#readFrom(reader)
          if (value !== undefined) left -= value.byteLength
          if (done && left > 0 && !this.#isHead)
            this.fail(new Error(`the body has ${left} bytes less than its content-length`))
          if (this.#stop === undefined) return
          if (!done) return controller.enqueue(value)
          this.#declared = !this.#failed
          this.#stop = undefined
          controller.close()
        },
        cancel: (reason) => {
          this.#stop = undefined
          // Of an answer to HEAD the body is not wanted.
          this.#declared = this.#isHead
          return reader.cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
  }

  // The reset has left before Deno hears of the error.
  async #readFrom<T>(reader: { read(): Promise<T> }): Promise<T> {
    try {
      return await reader.read()
    } catch (error) {
      this.#stop = undefined
      this.fail(error)
      throw error
    }
  }
}

// What the body has to have; 0: whatever it has. HEAD and some answers tell a length and have no body.
function lengthOf({ headers, status }: Response): number {
  const told = headers.get('content-length')
  return told === null || bodiless.includes(status) ? 0 : Number(told)
}
