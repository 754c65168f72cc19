// Two networks of our own with a cable between them that loses, is cut, or goes through a relay.
//
// Packets are lost where they arrive, in both networks: a sender is not told of what it loses.
import { type ChildProcess, execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { endHelper, Namespace, startHelper } from './namespace.js'

/** The addresses of our side and of the peer's, over the plain cable and through the relay. */
export const addresses = {
  cable: { ours: '10.77.0.1', theirs: '10.77.0.2' },
  relay: { ours: '10.78.0.1', theirs: '10.78.0.2' },
} as const

export type Way = keyof typeof addresses
export type Side = 'ours' | 'theirs'

/** What the relay does to packets: milliseconds and percentages. */
export interface Relay {
  delay: number
  jitter: number
  reorder: number
  duplicate: number
  seed: number
}

/** The two networks. */
export class Network {
  readonly #spaces: Record<Side, Namespace>
  #relay: ChildProcess | undefined

  private constructor(spaces: Record<Side, Namespace>) {
    this.#spaces = spaces
  }

  /**
   * Makes the networks and the plain cable.
   * @throws Error that tells what this machine does not allow
   */
  static async open(): Promise<Network> {
    const network = new Network({ ours: await Namespace.open(), theirs: await Namespace.open() })
    try {
      network.#wire()
    } catch (error) {
      await network.close()
      throw error
    }
    return network
  }

  /** What stands before a command that is to run in one of the networks. */
  within(side: Side): string[] {
    return this.#spaces[side].within
  }

  /** Runs a program in one of the networks to its end; answers what it wrote. */
  call(side: Side, command: readonly string[], input = ''): string {
    const [program = '', ...args] = [...this.within(side), ...command]
    try {
      return execFileSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 })
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      throw new Error(`${command.join(' ')}: ${stderr?.trim() || message}`)
    }
  }

  #wire(): void {
    const { ours, theirs } = addresses.cable
    // Segments are not sent in bundles: each is lost or not by itself.
    const device = (address: string): string =>
      `link set lo up\nlink set fin0 gso_max_segs 1\naddr add ${address}/24 dev fin0\nlink set fin0 up\n`
    const peer = this.#spaces.theirs.pid
    this.call('ours', ['ip', '-batch', '-'], `link add fin0 type veth peer name fin0 netns ${peer}\n${device(ours)}`)
    this.call('theirs', ['ip', '-batch', '-'], device(theirs))
    const table = `add table inet finrst\nadd chain inet finrst arriving { type filter hook input priority 0; }\n`
    for (const side of ['ours', 'theirs'] as const) this.call(side, ['nft', '-f', '-'], table)
  }

  #filter(rule: string, sides: readonly Side[] = ['ours', 'theirs']): void {
    const added = rule === '' ? '' : `add rule inet finrst arriving iifname "fin*" ${rule}\n`
    const rules = `flush chain inet finrst arriving\n${added}`
    for (const side of sides) this.call(side, ['nft', '-f', '-'], rules)
  }

  /** Of a hundred packets in either direction so many are lost at random. */
  lose(percent: number): void {
    this.#filter(percent === 0 ? '' : `numgen random mod 100 < ${percent} counter drop`)
  }

  /** Nothing arrives any more, on either side or on one, and nobody is told. */
  cut(...sides: Side[]): void {
    this.#filter('counter drop', sides.length === 0 ? undefined : sides)
  }

  mend(): void {
    this.#filter('')
  }

  /** Lays a second cable, through a relay. */
  async relay({ delay, jitter, reorder, duplicate, seed }: Relay): Promise<void> {
    const { ours, theirs } = this.#spaces
    const numbers = [ours.pid, theirs.pid, delay, jitter, reorder, duplicate, seed].map(String)
    this.#relay = await startHelper('python3', [resolve('test/endurance/relay.py'), ...numbers])
    for (const [side, other] of [
      ['ours', 'theirs'],
      ['theirs', 'ours'],
    ] as const) {
      const address = `addr add ${addresses.relay[side]} peer ${addresses.relay[other]} dev fin1\nlink set fin1 up\n`
      this.call(side, ['ip', '-batch', '-'], address)
    }
  }

  /** What the relay has done: packets that it passed on, put behind others, and doubled. */
  async endRelay(): Promise<string> {
    const relay = this.#relay
    if (relay === undefined) return ''
    this.#relay = undefined
    let told = ''
    relay.stdout?.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
    await endHelper(relay)
    return told.trim()
  }

  async close(): Promise<void> {
    await this.endRelay()
    await Promise.all(Object.values(this.#spaces).map((space) => space.close()))
  }
}

/** What this kernel says to a queue that would do the same without us. */
export const tryNetem = (network: Network): string => {
  try {
    network.call('ours', ['tc', 'qdisc', 'add', 'dev', 'fin0', 'root', 'netem', 'loss', '1%'])
    network.call('ours', ['tc', 'qdisc', 'del', 'dev', 'fin0', 'root'])
    return 'tc netem is available'
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? ''
  }
}
