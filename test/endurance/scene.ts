// One scene in impaired networks: a guarded program in ours, its peer in theirs, and what both say of each connection.
import type { Verdict } from '#adapter/index'
import type { Runtime } from '../../scripts/runtimes.ts'
import { Child } from '../crash/child.js'
import { type Ending, writtenOf } from './endings.js'
import { addresses, type Network, type Way } from './network.js'
import type { PeerOrder, PeerTold } from './peer.js'
import type { Order, Plan, Sample, Told } from './program.js'
import type { Sight, Visit } from './visits.js'

/** A program for each side, bundled. */
export interface Programs {
  guarded: string
  peer: string
}

/** What both sides know of one connection; the program may not have heard of it, or the peer may have gone. */
export interface Ended {
  ending: Ending
  bytes: number
  sight?: Sight
  verdict?: Verdict
}

export type VisitOptions = Partial<Omit<Visit, 'id' | 'host' | 'port' | 'secure' | 'ending' | 'bytes'>>

/** Generous: what is bounded by a deadline of ours must come long before. */
export const longMs = 90_000

/** A program and a peer, started for one scene. */
export class Scene {
  readonly network: Network
  readonly program: Child<Told>
  readonly #peer: Child<PeerTold>
  #port = 0
  #ids = 0

  private constructor(network: Network, runtime: Runtime, programs: Programs, policy: Plan['policy']) {
    this.network = network
    const plan: Plan = { host: '0.0.0.0', tells: true, ...(policy === undefined ? {} : { policy }) }
    const command = [...runtime.command, programs.guarded, JSON.stringify(plan)]
    this.program = new Child([...network.within('ours'), ...command])
    this.#peer = new Child([...network.within('theirs'), process.execPath, programs.peer])
  }

  static async start(network: Network, runtime: Runtime, programs: Programs, policy?: Plan['policy']): Promise<Scene> {
    const scene = new Scene(network, runtime, programs, policy)
    const ports = await scene.heard('ports')
    if (ports === undefined) {
      scene.end()
      throw new Error(`the program does not listen: ${scene.program.errors}`)
    }
    scene.#port = ports.ports.net ?? 0
    return scene
  }

  get port(): number {
    return this.#port
  }

  end(): void {
    this.program.end()
    this.#peer.end()
  }

  /** The peer vanishes with all it has. */
  async vanish(): Promise<void> {
    this.#peer.end()
    await this.#peer.until(() => this.#peer.dead, longMs)
  }

  /** Waits for a report of the program; undefined: it has gone, or does not make it. */
  async heard<K extends Told['told']>(told: K): Promise<Extract<Told, { told: K }> | undefined> {
    const find = () => this.program.said.findIndex((each) => each.told === told)
    await this.program.until(() => find() >= 0 || this.program.dead, longMs)
    const at = find()
    return at < 0 ? undefined : (this.program.said.splice(at, 1)[0] as Extract<Told, { told: K }>)
  }

  tell(order: Order): void {
    this.program.tell(order)
  }

  /** What the program holds now. */
  async sample(): Promise<Sample | undefined> {
    this.tell('sample')
    return (await this.heard('sample'))?.sample
  }

  #order(order: PeerOrder): void {
    this.#peer.tell(order)
  }

  /** Begins a visit; answers its number. */
  begin(way: Way, ending: Ending, bytes: number, options: VisitOptions = {}): number {
    this.#ids += 1
    const to = { host: addresses[way].ours, port: this.#port, secure: false, deadline: longMs }
    this.#order({ do: 'visit', visit: { ...to, id: this.#ids, ending, bytes, ...options } })
    return this.#ids
  }

  /** Waits until the peer has read so many bytes. */
  async read(id: number, bytes: number): Promise<void> {
    this.#order({ do: 'watch', id, bytes })
    const there = () => this.#peer.said.some((each) => each.told === 'read' && each.id === id && each.bytes === bytes)
    if (!(await this.#peer.until(() => there() || this.#peer.dead, longMs)))
      throw new Error(`it never has ${bytes} bytes`)
  }

  resume(id: number): void {
    this.#order({ do: 'resume', id })
  }

  async sight(id: number): Promise<Sight | undefined> {
    const find = () => this.#peer.said.find((each) => each.told === 'sight' && each.sight.id === id)
    await this.#peer.until(() => find() !== undefined || this.#peer.dead, longMs + 10_000)
    const found = find()
    return found?.told === 'sight' ? found.sight : undefined
  }

  async verdict(id: number): Promise<Verdict | undefined> {
    const find = () => this.program.said.find((each) => each.told === 'verdict' && each.id === id)
    await this.program.until(() => find() !== undefined || this.program.dead, longMs)
    const found = find()
    return found?.told === 'verdict' ? found.verdict : undefined
  }

  /** What the program complained of. */
  complaints(): string[] {
    return this.program.said.flatMap((each) => (each.told === 'problem' ? [`${each.ending}: ${each.why}`] : []))
  }
}

/** What is wrong with any connection, whatever the network did to it. */
export const lies = ({ ending, bytes, sight, verdict }: Ended): string[] => {
  const found: string[] = []
  const is = (what: string): void => void found.push(`${ending} of ${bytes}: ${what}`)
  if (sight?.same === false) is('the peer has read other bytes than were sent')
  if (sight?.saw === 'eof' && sight.bytes < bytes) is(`end of file behind ${sight.bytes} bytes`)
  if (verdict === undefined) return found
  const said = `"${verdict.ended} by ${verdict.by}, ${verdict.cause}, ${verdict.delivery}" (rule ${verdict.rule})`
  const took = sight !== undefined && sight.bytes >= writtenOf(ending, bytes)
  // What its stack had acknowledged, the program of a peer that is reset may never have read.
  const acked = verdict.delivery === 'acked' && sight?.saw !== 'reset'
  const delivered = acked || verdict.delivery === 'confirmed'
  // A peer that left by itself may not have read what its stack had.
  if (delivered && sight !== undefined && !took && sight.saw !== 'left') is(`${said}, and it read ${sight.bytes}`)
  if (verdict.ended === 'reset' && verdict.by === 'us' && sight?.saw === 'eof') is(`${said}, and it read end of file`)
  if (verdict.ended === 'fin' && sight?.saw === 'reset' && !took) is(`${said}, and it read a reset`)
  return found
}
