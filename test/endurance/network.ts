// Two networks of our own with a cable between them that loses, is cut, or goes through a relay.
//
// 1. Each network is that of a process which waits for the end of its standard input: when we end, however, so do they,
//    and the networks are gone with them. Nothing of the machine's own network is touched.
// 2. Packets are lost where they arrive, in both networks: a sender is not told of what it loses.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

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

const everyone = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of everyone) child.kill('SIGKILL')
})

/** Starts a program that says when it is ready, and ends with its standard input. */
const startHelper = async (program: string, args: readonly string[]): Promise<ChildProcess & { pid: number }> => {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  everyone.add(child)
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  child.stdin.on('error', () => undefined)
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(error))
    child.once('close', (code) => reject(new Error(`${program} ended with ${code}: ${told.trim()}`)))
  })
  failed.catch(() => undefined)
  child.once('exit', () => everyone.delete(child))
  await Promise.race([once(child.stdout, 'data'), failed])
  return child as ChildProcess & { pid: number }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.stdin?.end()
  const late = setTimeout(() => child.kill('SIGKILL'), 5000)
  await over
  clearTimeout(late)
}

/** The two networks. */
export class Network {
  readonly #holders: Record<Side, ChildProcess & { pid: number }>
  #relay: ChildProcess | undefined

  private constructor(holders: Record<Side, ChildProcess & { pid: number }>) {
    this.#holders = holders
  }

  /**
   * Makes the networks and the plain cable.
   * @throws Error that tells what this machine does not allow
   */
  static async open(): Promise<Network> {
    const holder = () => startHelper('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'])
    const network = new Network({ ours: await holder(), theirs: await holder() })
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
    return ['nsenter', `--net=/proc/${this.#holders[side].pid}/ns/net`, '--']
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
    const peer = this.#holders.theirs.pid
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
    const { ours, theirs } = this.#holders
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
    await end(relay)
    return told.trim()
  }

  async close(): Promise<void> {
    await this.endRelay()
    await Promise.all(Object.values(this.#holders).map(end))
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
