// One guarded connection with everything that its owner and its peer can do to it, for tests that try sequences of it.
import type net from 'node:net'
import * as assert from 'uvu/assert'
import { type Guard, guard, type Policy, type PolicyOptions, type Verdict } from '#adapter/index'
import { soon } from './deadline.js'
import { descriptors, eventually, hiddenReset } from './descriptors.js'
import { Expectation } from './expectation.js'
import { pair } from './pair.js'
import { runtime } from './runtime.js'

/** How long each single wait may take on a busy machine. */
const patienceMs = 15_000

/** One connection under test: what was written, and what the peer's program saw. */
export interface World {
  socket: net.Socket
  other: net.Socket
  held: Guard
  written: number
  arrived: number
  /** How the stream ended for the peer's program, if it has. */
  saw: 'eof' | 'reset' | undefined
  /** The peer has left by itself: what it did not read proves nothing. */
  left: boolean
  rejections: Promise<unknown>[]
  expected: Expectation
}

/** One thing that is done, and whether the event loop turns before the next. */
export interface Step {
  do: StepName
  bytes: number
  tick: boolean
}

const modes = ['discard', 'hold', 'refuse'] as const

/** A promise that may reject as documented; anything but an Error of ours is a fault. */
const mayReject = (world: World, promise: Promise<unknown>): void => {
  world.rejections.push(
    promise.catch((error: Error) => {
      if (!error.message.startsWith('finrst: our FIN was not sent')) throw error
    }),
  )
}

const now = ({ socket }: World): { unflushed: boolean } => ({ unflushed: socket.writableLength > 0 })

/** Drops, by the runtime's own call. */
const drop = (world: World): void => {
  if (!world.socket.destroyed) world.expected.drop(now(world), true)
  world.socket.destroy()
}

const peerSteps = {
  // Not nothing: an empty write takes the error of a reset, and Deno then tells an unguarded socket an end of file.
  'peer writes': ({ other }: World, bytes: number) =>
    void (other.writable && other.write(Buffer.alloc(Math.max(bytes, 1)))),
  'peer finishes': ({ other, expected }: World) => {
    expected.peerEnds()
    other.end()
  },
  'peer resets': (world: World) => {
    const { other } = world
    world.left = true
    world.expected.peerEnds()
    // The unguarded socket would leak its descriptor if it were reset while its FIN is pending.
    if (other.writableEnded && !other.writableFinished) other.destroy()
    else other.resetAndDestroy()
  },
  'peer closes': (world: World) => {
    world.left = true
    world.expected.peerEnds()
    world.other.destroy()
  },
  'peer pauses': ({ other }: World) => void other.pause(),
  'peer resumes': ({ other }: World) => void other.resume(),
}

const runtimeSteps = {
  write: (world: World, bytes: number) => {
    if (!world.socket.writable) return
    world.written += bytes
    world.socket.write(Buffer.alloc(bytes))
  },
  'write after all': ({ socket, expected }: World) => {
    if (socket.writable) return
    // The runtime destroys the stream with an error.
    expected.causes.add('failure')
    socket.write('late')
  },
  'end()': ({ socket, expected }: World) => {
    expected.declare()
    socket.end()
  },
  'destroy()': drop,
  'destroy(error)': (world: World) => {
    if (!world.socket.destroyed) world.expected.fail(now(world), true)
    world.socket.destroy(new Error('broken'))
  },
  'destroySoon()': ({ socket, expected }: World) => {
    expected.declare()
    socket.destroySoon()
  },
  'resetAndDestroy()': ({ socket, expected }: World) => {
    expected.abort()
    socket.resetAndDestroy()
  },
  'pause()': ({ socket }: World) => void socket.pause(),
  'resume()': ({ socket }: World) => void socket.resume(),
}

const guardSteps = {
  close: ({ held, expected }: World, bytes: number) => {
    expected.declare()
    void held.close({ within: 1 + (bytes % 50) })
  },
  'close without a bound': ({ held, expected }: World) => {
    expected.declare()
    void held.close()
  },
  abort: ({ held, expected }: World) => {
    expected.abort()
    void held.abort(new Error('reason'))
  },
  fail: (world: World) => {
    world.expected.fail(now(world), false)
    void world.held.fail(undefined)
  },
  'finish sending': (world: World) => {
    world.expected.declare()
    mayReject(world, world.held.finishSending())
  },
  'stop receiving': ({ held, expected }: World, bytes: number) => {
    // What is refused when it comes resets.
    expected.causes.add('abort')
    held.stopReceiving(modes[bytes % 3])
  },
  finalise: (world: World, bytes: number) => {
    world.expected.declare()
    mayReject(world, world.held.finalise({ within: 20, limit: bytes }))
  },
  dispose: (world: World) => {
    world.expected.drop(now(world), false)
    world.held[Symbol.dispose]()
  },
  'dispose asynchronously': (world: World) => {
    world.expected.drop(now(world), false)
    mayReject(world, Promise.resolve(world.held[Symbol.asyncDispose]()))
  },
  linger: ({ held }: World, bytes: number) => {
    try {
      held.setLinger(bytes % 4 === 3 ? null : bytes % 4)
    } catch (error) {
      if (!/^finrst: SO_LINGER cannot be set/.test((error as Error).message)) throw error
    }
  },
  look: ({ held }: World) => void [held.armed, held.unsent(), held.capabilities],
}

/** Whatever an owner or a peer can do. */
export const steps = { ...peerSteps, ...runtimeSteps, ...guardSteps } as const
export type StepName = keyof typeof steps

/** Guards a socket. */
export type GuardOf = (socket: net.Socket, policy: Policy) => Guard

/** The bounds of a connection that is to end soon. */
export const bounds = { flushMs: 200, drainIdleMs: 50, drainMs: 100 } as const

/** A connection whose peer reads, if nobody tells it otherwise. */
export const begin = async (
  policy: PolicyOptions,
  halfOpen: boolean,
  guardOf: GuardOf = guard,
  unread = false,
): Promise<World> => {
  const { socket, other } = await pair({ halfOpen, unread })
  const world: World = {
    ...{ socket, other, held: undefined as unknown as Guard },
    ...{ written: 0, arrived: 0, saw: undefined, left: false, rejections: [] },
    expected: new Expectation(policy, halfOpen),
  }
  other.on('data', (chunk) => {
    world.arrived += chunk.length
  })
  other.on('end', () => {
    // Bun tells an end also of what the peer closes itself: it has seen nothing then.
    if (!world.left) world.saw ??= hiddenReset(other) ? 'reset' : 'eof'
  })
  other.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Deno ends a write that waits when we half-close, and lets go of the connection by itself.
    if (runtime === 'deno' && code === 'EPIPE') world.left = true
    world.saw ??= 'reset'
  })
  try {
    world.held = guardOf(socket, { ...bounds, ...policy })
  } catch (error) {
    socket.destroy()
    other.destroy()
    throw error
  }
  if (!unread) socket.resume()
  return world
}

/** Everybody lets go; a peer that can still read does so to its end. Resolves to the verdict. */
export const end = async (world: World): Promise<Verdict> => {
  let verdicts = 0
  const verdict = world.held.verdict.finally(() => {
    verdicts += 1
  })
  const { socket, other } = world
  const closed = [socket, other].map((it) => it.closed || new Promise((resolve) => it.once('close', resolve)))
  socket.resume()
  drop(world)
  if (!other.destroyed) {
    other.resume()
    await eventually(() => world.saw !== undefined, patienceMs)
    other.destroy()
  }
  const given = await soon('the verdict', verdict, patienceMs)
  await soon('both sockets close', Promise.all(closed), patienceMs)
  await soon('every command settles', Promise.all(world.rejections), patienceMs)
  assert.is(verdicts, 1)
  // It may drain behind its verdict, and what could not be disarmed is armed until then.
  assert.ok(await eventually(() => !world.held.armed, patienceMs), 'still armed')
  return given
}

/** What must be so at the end, whatever was done. */
export const judge = (world: World, verdict: Verdict): void => {
  const { saw, written, arrived, left, expected } = world
  const told = `${arrived} of ${written} bytes, then ${saw ?? 'nothing'}: ${JSON.stringify(verdict)}`
  if (saw === 'eof') assert.is(arrived, written, told)
  if (saw === 'eof') assert.is(expected.mustReset, false, `given up: ${told}`)
  honest(world, verdict)
  if (!left) assert.ok(expected.causes.has(verdict.cause), `a cause that nobody gave: ${told}`)
}

/** What must be so although calls fail: the verdict claims no more than the peer saw. */
export const honest = (world: World, verdict: Verdict): void => {
  const { saw, written, arrived, left, expected } = world
  const told = `${arrived} of ${written} bytes, then ${saw ?? 'nothing'}: ${JSON.stringify(verdict)}`
  if (verdict.delivery === 'confirmed' && !left) assert.is(arrived, written, `confirmed: ${told}`)
  if (verdict.delivery === 'confirmed' && !left) assert.is.not(saw, 'reset', `confirmed: ${told}`)
  if (verdict.ended === 'reset' && verdict.by === 'us') assert.is.not(saw, 'eof', `a silent FIN: ${told}`)
  if (verdict.by === 'peer') assert.ok(expected.causes.has('peer'), `the peer did nothing: ${told}`)
}

/** Begins, lets `body` run and ends, and sees that no descriptor is left. */
export const withWorld = async (start: () => Promise<World>, body: (world: World) => Promise<void>): Promise<void> => {
  const before = descriptors()
  const world = await start()
  try {
    await body(world)
    assert.ok(await eventually(() => descriptors() <= before, 3000), `${descriptors() - before} descriptors are left`)
  } finally {
    world.socket.destroy()
    world.other.destroy()
  }
}
