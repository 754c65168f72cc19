// What becomes of guarded connections when the network loses, delays, reorders, doubles, is cut, or the peer is gone.
//
// 1. Every scene has a program and a peer of its own. It tells what contradicts the promise, and nothing is timed: a
//    deadline of the policy is seconds, and it has failed if its verdict is not there after minutes.
// 2. A reset is sent once, so it may be lost: then the peer learns of it from the answer to what it sends next. Peers
//    that are to read one send now and then.
import type { Verdict } from '#adapter/index'
import type { Runtime } from '../../scripts/runtimes.ts'
import { Bundles } from '../crash/bundles.js'
import { contradiction, type Ending, endings } from './endings.js'
import { Network, type Relay, type Side, tryNetem, type Way } from './network.js'
import type { Plan } from './program.js'
import { type Ended, lies, type Programs, Scene } from './scene.js'

/** What a scene came to. */
export interface SceneResult {
  name: string
  /** How often which ending was read, and which verdict was given. */
  saw: Record<string, number>
  said: Record<string, number>
  problems: string[]
  seconds: number
}

export interface ImpairedOptions {
  /** Connections of each ending, where the network is impaired at random. */
  times: number
  seed: number
  /** Only scenes of these names. */
  only?: readonly string[]
  signal?: AbortSignal
}

/** One scene: it answers what became of its connections, and what else was wrong. */
type Play = (scene: Scene, times: number) => Promise<{ all: Ended[]; problems?: string[] }>

interface Script {
  name: string
  policy?: Plan['policy']
  /** Before it: percent that are lost, or what the relay does. */
  loses?: number
  relay?: Omit<Relay, 'seed'>
  /** Its program is expected to die. */
  kills?: true
  play: Play
}

const mixed: readonly Ending[] = [
  ...(['whole', 'streamed', 'closed', 'half-closed', 'finalised', 'idle'] as const),
  ...(['aborted', 'failed', 'dropped'] as const),
]

const together = 20
const big = 8_000_000
const small = 200_000

const both = async (scene: Scene, ending: Ending, bytes: number, id: number): Promise<Ended> => {
  const [sight, verdict] = await Promise.all([scene.sight(id), scene.verdict(id)])
  return { ending, bytes, ...(sight ? { sight } : {}), ...(verdict ? { verdict } : {}) }
}

/** Every ending so many times; each has to come to what it comes to in a sound network. */
const mixture =
  (way: Way, bytes: number): Play =>
  async (scene, times) => {
    const waiting = Array.from({ length: times }, () => mixed)
      .flat()
      .values()
    const all: Ended[] = []
    const problems: string[] = []
    const lane = async (): Promise<void> => {
      for (const ending of waiting) {
        const resets = endings[ending].reads === 'reset'
        const it = await both(scene, ending, bytes, scene.begin(way, ending, bytes, { probes: resets }))
        all.push(it)
        const { sight, verdict } = it
        const wrong = verdict === undefined ? 'no verdict' : contradiction(verdict, endings[ending].verdict)
        if (wrong !== undefined) problems.push(`${ending}: ${wrong}`)
        if (sight?.saw !== (resets ? 'reset' : 'eof'))
          problems.push(`${ending}: the peer saw ${sight?.saw ?? 'nothing'}`)
      }
    }
    await Promise.all(Array.from({ length: together }, lane))
    return { all, problems }
  }

const expect = (verdict: Verdict | undefined, ended: string, by: string, cause: string): string[] => {
  const said = verdict === undefined ? 'nothing' : `${verdict.ended} by ${verdict.by}, ${verdict.cause}`
  return said === `${ended} by ${by}, ${cause}` ? [] : [`the verdict says ${said}, not ${ended} by ${by}, ${cause}`]
}

/** The cable is cut while a visit is where `until` brings it; after the verdict it is mended, and the peer looks. */
const cutWhile =
  (
    visit: { ending: Ending; bytes: number; within?: number; keeps?: true; asksLater?: true; stopsAt?: number },
    until: (scene: Scene, id: number) => Promise<void>,
    sides: readonly Side[],
    expected: readonly [ended: string, by: string, cause: string],
    saw: 'eof' | 'reset',
  ): Play =>
  async (scene) => {
    const { ending, bytes, ...more } = visit
    const id = scene.begin('cable', ending, bytes, { ...more, slow: true, probes: saw === 'reset' })
    await until(scene, id)
    scene.network.cut(...sides)
    scene.resume(id)
    const verdict = await scene.verdict(id)
    scene.network.mend()
    const it = await both(scene, ending, bytes, id)
    const problems = expect(verdict, ...expected)
    if (it.sight?.saw !== saw) problems.push(`the peer saw ${it.sight?.saw}`)
    return { all: [it], problems }
  }

/** The peer has read so many bytes, and what the program did at once when it wrote them is done. */
const reading = (bytes: number) => async (scene: Scene, id: number) => {
  await scene.read(id, bytes)
  await scene.sample()
}

/** The peer has read our FIN, and our kernel knows. */
const drained = async (scene: Scene, id: number): Promise<void> => {
  await scene.sight(id)
  for (let round = 0; round < settleRounds; round += 1) {
    if (scene.network.call('ours', ['ss', '-Htn', 'state', 'fin-wait-2']).trim() !== '') return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('our FIN is never acknowledged')
}

/** A close is bounded by its policy; what is only ended is bounded by its owner. */
const bounds = { flushMs: 1500, drainIdleMs: 1000, drainMs: 3000 } as const

const connecting: Play = async (scene) => {
  const dial = async (): Promise<string> => {
    scene.tell({ dial: '10.77.0.2', port: scene.port, within: 1500 })
    return (await scene.heard('dialled'))?.how ?? 'nothing'
  }
  scene.network.cut()
  const cut = await dial()
  scene.network.mend()
  const mended = await dial()
  // Nobody listens on the other side: a reset answers.
  const wrong = cut === 'gave up' && mended === 'refused' ? [] : [`cut: ${cut}, mended: ${mended}`]
  return { all: [], problems: wrong }
}

const vanishes: Play = async (scene) => {
  const id = scene.begin('cable', 'whole', big, { slow: true, stopsAt: 100_000 })
  await scene.read(id, 100_000)
  scene.network.cut()
  await scene.vanish()
  scene.network.mend()
  const verdict = await scene.verdict(id)
  return {
    all: [{ ending: 'whole', bytes: big, ...(verdict ? { verdict } : {}) }],
    problems: expect(verdict, 'reset', 'peer', 'peer'),
  }
}

/** Nobody comes back, and the kernel gives up before we do: it tells us, and puts nothing on the wire. */
const givenUp: Play = async (scene) => {
  scene.network.call('ours', ['sh', '-c', 'echo 3 > /proc/sys/net/ipv4/tcp_retries2'])
  const id = scene.begin('cable', 'whole', big, { slow: true, stopsAt: 100_000 })
  await scene.read(id, 100_000)
  scene.network.cut()
  await scene.vanish()
  const verdict = await scene.verdict(id)
  scene.network.mend()
  scene.network.call('ours', ['sh', '-c', 'echo 15 > /proc/sys/net/ipv4/tcp_retries2'])
  return {
    all: [{ ending: 'whole', bytes: big, ...(verdict ? { verdict } : {}) }],
    problems: [...expect(verdict, 'unknown', 'kernel', 'error')],
  }
}

const opensAgain: Play = async (scene) => {
  const id = scene.begin('cable', 'whole', big, { slow: true, stopsAt: 100_000 })
  await scene.read(id, 100_000)
  const before = await scene.sample()
  scene.resume(id)
  const it = await both(scene, 'whole', big, id)
  const problems = expect(it.verdict, 'fin', 'us', 'close')
  if (before === undefined || it.sight?.saw !== 'eof') problems.push(`the peer saw ${it.sight?.saw}`)
  return { all: [it], problems }
}

const staysShut: Play = async (scene) => {
  const id = scene.begin('cable', 'closed', big, { slow: true, stopsAt: 100_000, probes: true })
  await scene.read(id, 100_000)
  const verdict = await scene.verdict(id)
  scene.resume(id)
  const it = await both(scene, 'closed', big, id)
  const problems = expect(verdict, 'reset', 'us', 'deadline')
  if (it.sight?.saw !== 'reset') problems.push(`the peer saw ${it.sight?.saw}`)
  return { all: [it], problems }
}

/** The program is killed in the middle of an answer that loses packets. */
const killed: Play = async (scene, times) => {
  const stopped = { slow: true, probes: true, stopsAt: 20_000 }
  const ids = Array.from({ length: times }, () => scene.begin('cable', 'streamed', big, stopped))
  await Promise.all(ids.map((id) => scene.read(id, stopped.stopsAt)))
  scene.program.end()
  for (const id of ids) scene.resume(id)
  const all = await Promise.all(ids.map((id) => both(scene, 'streamed', big, id)))
  return { all, problems: all.flatMap(({ sight }) => (sight?.saw === 'reset' ? [] : [`the peer saw ${sight?.saw}`])) }
}

const patient = { flushMs: 60_000, drainIdleMs: 60_000, drainMs: 60_000 } as const
const stop = { stopsAt: 100_000 } as const
const late = ['reset', 'us', 'deadline'] as const
// The FIN may have come before the reset; nobody here can know.
const behind = ['unknown', 'us', 'deadline'] as const

/** All scenes, in the order in which they are played. */
export const scripts: readonly Script[] = [
  { name: 'loses 1 %', loses: 1, policy: patient, play: mixture('cable', small) },
  { name: 'loses 5 %', loses: 5, policy: patient, play: mixture('cable', small) },
  { name: 'loses 20 %', loses: 20, policy: patient, play: mixture('cable', small / 10) },
  {
    name: 'delays, reorders and doubles',
    relay: { delay: 10, jitter: 20, reorder: 20, duplicate: 5 },
    policy: patient,
    play: mixture('relay', small),
  },
  { name: 'cut while we connect', play: connecting },
  {
    name: 'cut in the middle of an answer',
    policy: bounds,
    play: cutWhile({ ending: 'closed', bytes: big, ...stop }, reading(100_000), [], late, 'reset'),
  },
  {
    name: 'cut in the middle of a close with a bound',
    play: cutWhile({ ending: 'closed', bytes: big, within: 1500, ...stop }, reading(100_000), [], late, 'reset'),
  },
  {
    // The request still comes; the answer and our FIN leave the kernel, and nothing of them arrives.
    name: 'cut behind our FIN, before the peer has it',
    policy: bounds,
    play: cutWhile({ ending: 'closed', bytes: 10_000, asksLater: true }, reading(0), ['theirs'], behind, 'reset'),
  },
  {
    name: 'cut while we drain',
    policy: bounds,
    play: cutWhile({ ending: 'closed', bytes: 1000, keeps: true }, drained, [], ['fin', 'us', 'deadline'], 'eof'),
  },
  { name: 'the peer vanishes and its network answers', play: vanishes },
  { name: 'the peer vanishes and the kernel gives up', play: givenUp },
  { name: 'the window stays shut', policy: bounds, play: staysShut },
  { name: 'the window opens again', play: opensAgain },
  { name: 'killed, losing 1 %', loses: 1, kills: true, play: killed },
  { name: 'killed, losing 20 %', loses: 20, kills: true, play: killed },
]

const count = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** How long a descriptor may take to be given back after the last verdict: what lingers is bounded by the policy. */
const settleRounds = 100

const leftOf = async (scene: Scene, before: number): Promise<string[]> => {
  let now = 0
  for (let round = 0; round < settleRounds; round += 1) {
    now = (await scene.sample())?.descriptors ?? Number.POSITIVE_INFINITY
    if (now <= before) return []
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return [`${now - before} descriptors are left`]
}

async function play(network: Network, runtime: Runtime, programs: Programs, script: Script, options: ImpairedOptions) {
  const started = performance.now()
  const scene = await Scene.start(network, runtime, programs, script.policy)
  try {
    if (script.relay !== undefined) await network.relay({ ...script.relay, seed: options.seed })
    // The first use of each way opens what the process then keeps: it is no leak.
    await mixture('cable', 10)(scene, 1)
    const before = (await scene.sample())?.descriptors ?? 0
    network.lose(script.loses ?? 0)
    const { all, problems = [] } = await script.play(scene, options.times)
    network.mend()
    await network.endRelay()
    const left = script.kills ? [] : await leftOf(scene, before)
    return {
      name: script.name,
      saw: count(all.flatMap(({ sight }) => (sight === undefined ? [] : [sight.saw]))),
      said: count(
        all.flatMap(({ verdict }) => (verdict ? [`${verdict.ended} by ${verdict.by}, ${verdict.cause}`] : [])),
      ),
      problems: [...problems, ...all.flatMap(lies), ...scene.complaints(), ...left],
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    scene.end()
    network.mend()
    await network.endRelay()
  }
}

/**
 * Plays the scenes under one runtime, and tells of each as it is done.
 * @throws Error that tells what this machine does not allow
 */
export async function playAll(
  runtime: Runtime,
  options: ImpairedOptions,
  told: (result: SceneResult) => void = () => undefined,
): Promise<{ results: SceneResult[]; netem: string }> {
  const network = await Network.open()
  const bundles = new Bundles()
  const results: SceneResult[] = []
  try {
    const programs = {
      guarded: await bundles.make('test/endurance/program.ts', runtime.name),
      peer: await bundles.make('test/endurance/peer.ts', 'node'),
    }
    const netem = tryNetem(network)
    for (const script of scripts) {
      if (options.signal?.aborted) break
      if (options.only !== undefined && !options.only.includes(script.name)) continue
      const result = await play(network, runtime, programs, script, options)
      results.push(result)
      told(result)
    }
    return { results, netem }
  } finally {
    bundles.remove()
    await network.close()
  }
}
