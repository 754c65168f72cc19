// Tests what row scripts can do with privileges: packets, crafted segments, networks, threads, other processes.
//
// What this machine does not allow is skipped with the reason; continuous integration runs as root and may all of it.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answersOf } from '../conformance/files.js'
import { ScriptError } from '../conformance/header.js'
import { parseScript } from '../conformance/script.js'
import type { Abilities } from '../conformance/system/abilities.js'
import { Reserve } from '../conformance/reserve.js'
import { runRowScript, type SystemHello, systemTestee } from '../conformance/system/run.js'
import type { RowScript } from '../conformance/system/script.js'
import { buildCommandLine, finrst, folder, folderWith, within } from './support/command-line.js'

/** A row with the answers ok, closes-receiving and ENOTCONN. */
const row = 'shutdown.write-twice'
const header = (...lines: string[]): string => ['title: A fact', 'guard: system', ...lines, '', ''].join('\n')
const read = (source: string): RowScript => parseScript(row, source, answersOf) as RowScript

const mistakes: [what: string, source: string, words: RegExp][] = [
  ['a capture at level peer', `${header()}$ open\n$ capture`, /:5: capture needs the header "level: packet"/],
  [
    'segments that are waited for at level peer',
    `${header()}$ open\n$ await segments us:FIN -> a\n? ok: a=0`,
    /:5: await needs the header "level: packet"/,
  ],
  [
    'a crafted segment at level packet',
    `${header('level: packet')}$ open\n$ capture\n$ craft RST`,
    /:7: craft needs the header "level: raw"/,
  ],
  ['an unknown flag', `${header('level: raw')}$ open\n$ craft URG`, /:6: craft: a flag must be SYN, FIN, RST, ACK/],
  ['an odd number', `${header('level: raw')}$ open\n$ craft RST 7`, /:6: craft: the sequence number is seq\+N/],
  ['a setting of the machine', `${header()}$ sysctl net.ipv4.tcp_fin_timeout=1`, /:4: sysctl needs .*"net: own"/],
  ['a setting of no network', `${header('net: own')}$ sysctl kernel.panic=1`, /:5: sysctl: it takes net\.ipv4\.NAME/],
  ['an order without the need', `${header()}$ open\n$ sock-destroy`, /:5: sock-destroy needs .*"needs: admin"/],
  ['repair without the need', `${header()}$ open\n$ option TCP_REPAIR=1`, /:5: option needs .*"needs: admin"/],
  ['MPTCP without the need', `${header()}$ open mptcp`, /:4: open needs the header "needs: mptcp"/],
  ['an unknown option', `${header()}$ open\n$ option SO_DEBUG=1`, /:5: option: the option must be SO_SNDBUF,/],
  ['an option without a value', `${header()}$ open\n$ option TCP_NODELAY`, /:5: option: its value must be a 32-bit/],
  [
    'a call that does not block',
    `${header()}$ open\n$ background poll`,
    /:5: a call in the background must be recv, close/,
  ],
  ['a child that does something else', `${header()}$ open\n$ child sings`, /:5: child: child must be holds, ends/],
]

for (const [what, source, words] of mistakes) {
  test(`the reader names the line of ${what}`, () => {
    try {
      read(/\n\? /.test(source) ? source : `${source}\n$ get-linger -> a\n? ok: a=0`)
    } catch (error) {
      assert.instance(error, ScriptError)
      assert.match((error as ScriptError).message, words)
      return
    }
    assert.unreachable('the mistake was accepted')
  })
}

test('what is not there is a skip with the reason', async () => {
  const yes = { can: true, why: '' }
  const no = { can: false, why: 'a call says EPERM' }
  const able = { packet: yes, raw: yes, mptcp: yes, admin: yes, silence: yes, 'own-net': yes }
  const hello: SystemHello = { platform: 'linux', release: '6', arch: 'x64', can: true, why: '' }
  const needs: [header: string[], body: string, missing: keyof typeof able, words: string][] = [
    [['level: packet'], '$ capture', 'packet', 'the level packet'],
    [['level: raw'], '$ craft RST', 'raw', 'the level raw'],
    [['level: raw'], '$ craft RST', 'packet', 'the level packet'],
    [['needs: mptcp'], '$ close', 'mptcp', 'MPTCP'],
    [['needs: admin'], '$ close', 'admin', 'an administrator'],
    [['net: own'], '$ close', 'own-net', 'a network of its own'],
    [[], '< silence', 'silence', 'a side that falls silent'],
    [[], '$ connect silent as t', 'silence', 'a side that falls silent'],
  ]
  for (const [lines, body, missing, words] of needs) {
    const script = read(`${header(...lines)}$ open\n${body}\n$ get-linger -> a\n? ok: a=0`)
    const sides = new Reserve(systemTestee)
    const options = { hello: { ...hello, abilities: { ...able, [missing]: no } }, sides, repeat: () => '' }
    const { outcome, reason } = await runRowScript(script, options)
    assert.equal([outcome, reason], ['skip', `needs ${words}: a call says EPERM`])
  }
})

/** What the lines of a script kept; its answer does not matter. */
const kept = async (body: string, ...lines: string[]): Promise<Record<string, string>> => {
  const scripts = folderWith(
    row,
    `${header(...lines)}${body}\n$ socket as spare\n$ get-linger on spare -> z\n? ok: z!=1\n`,
  )
  const { out } = await finrst('test', row, '--scripts', scripts, '--json', '-')
  const [result] = (JSON.parse(out) as { results: { values?: Record<string, string>; actual?: string }[] }).results
  if (!result?.values) throw new Error(`${result?.actual}`)
  return result.values
}
/** Why a script failed. */
const failure = async (body: string, ...lines: string[]): Promise<string> => {
  try {
    await kept(body, ...lines)
  } catch (error) {
    return (error as Error).message
  }
  return 'it did not fail'
}

/** The processes of which something can be read that passes. */
const processes = (passes: (pid: string) => boolean): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && passes(pid)
    } catch {
      // It has ended meanwhile.
      return false
    }
  })
/** Those that were started with a word in their environment, but for this one. */
const programs = (word: string): string[] =>
  processes((pid) => Number(pid) !== process.pid && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(word))

/** What can be done here; undefined: no row script can be played. */
const findAbilities = async (): Promise<Abilities | undefined> => {
  if (process.platform !== 'linux') return undefined
  await buildCommandLine()
  const { out } = await finrst('test', row, '--json', '-')
  return (JSON.parse(out) as { system: SystemHello }).system.abilities
}
const abilities = await findAbilities()
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** A test of what row scripts do, on a machine that has the abilities. */
const able = (fact: string, needs: (keyof Abilities)[], body: () => Promise<void>): void => {
  const missing = needs.find((need) => !abilities?.[need].can)
  if (abilities && missing === undefined) return test(fact, within(body))
  const why = missing === undefined ? 'no system calls' : `${missing}: ${abilities?.[missing].why}`
  console.log(`note: skipped (${why}): ${fact}`)
  test.skip(fact, body)
}

able('a call in the background goes on until something happens', [], async () => {
  const { before, late, again } = await kept(
    '$ open\n$ background recv\n$ join within=50 -> before\n< send 3\n$ join -> late\n$ join -> again',
  )
  assert.equal([before, late, again], ['nothing', '3', '3'])
  assert.is(await failure('$ open\n< send 1\n$ await unread 1\n$ background recv'), 'the answer was returned 1')
  assert.match(await failure('$ join'), /^join failed: there is no call in the background$/)
})

able('options are set and read back, and half a struct is refused', [], async () => {
  const { value, half, urgent } = await kept(
    `$ open\n$ option TCP_USER_TIMEOUT=700\n$ get-option TCP_USER_TIMEOUT -> value\n$ short-linger -> half
$ send-urgent -> urgent`,
  )
  assert.equal([value, half, urgent], ['700', 'EINVAL', '1'])
})

able('a descriptor is free when it is closed, and dup2 and close-range close', [], async () => {
  const { held, freed, end, ranged, other } = await kept(
    `$ open\n$ descriptor -> held\n$ dup2\n< recv -> end\n$ open on m as t\n$ close-range on t -> ranged
$ descriptor on t -> freed\n< recv on t -> other`,
  )
  assert.equal([held, end, ranged, freed, other], ['open', 'eof', '0', 'EBADF', 'eof'])
})

able('a listener can listen again, and another can share its port', [], async () => {
  const { again, accepted, taken } = await kept(
    `$ listen reuse-port\n$ shutdown both on l\n$ listen-again -> again\n< connect\n$ accept -> accepted
$ listen as alone\n$ listen reuse-port beside=alone as m -> taken`,
  )
  assert.equal([again, accepted, taken], ['0', '0', 'EADDRINUSE'])
})

able('a child that its script forgets ends with it', [], async () => {
  process.env.FINRST_TEST_CHILD = `child-of-${process.pid}`
  const { died } = await kept('$ open\n< child holds\n< signal SIGKILL -> died')
  assert.is(died, 'died')
  // It ends when its input does, at its own pace.
  const end = performance.now() + 10_000
  while (programs(`child-of-${process.pid}`).length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.equal(programs(`child-of-${process.pid}`), [])
  delete process.env.FINRST_TEST_CHILD
})

able('a capture sees what the kernel of a silenced peer drops', ['packet', 'silence'], async () => {
  const { sent, acks, end } = await kept(
    `$ open\n< silence\n< capture\n$ linger 0\n$ send 5\n$ close\n< segments -> sent\n< segments-and-acks -> acks
< recv within=50 -> end`,
    'level: packet',
  )
  assert.equal([sent, acks, end], ['us:data+us:RST', 'us:data+us:RST', 'nothing'])
})

able('a capture holds one connection only, and a second one begins anew', ['packet'], async () => {
  const { first, second } = await kept(
    `$ open\n$ open on m as t\n$ capture\n$ send 1 on t\n$ send 1\n$ segments -> first
$ capture on t\n$ segments -> second`,
    'level: packet',
  )
  assert.equal([first, second], ['us:data', 'nothing'])
})

able('a segment that was made by hand is believed if its number is right', ['packet', 'raw'], async () => {
  const body = '$ open\n< capture\n< send 1\n$ recv\n< await unacked 0\n< craft RST seq'
  const right = await kept(`${body}+0\n$ await state CLOSED -> after\n$ error -> told`, 'level: raw')
  assert.equal([right.after, right.told], ['CLOSED', 'ECONNRESET'])
  const wrong = await kept(`${body}+70000\n$ await state CLOSED within=50 -> after`, 'level: raw')
  assert.is(wrong.after, 'ESTABLISHED')
  assert.match(await failure('$ open\n$ capture\n$ craft RST', 'level: raw'), /exchange a byte first/)
  assert.match(await failure('$ open\n$ craft RST', 'level: raw'), /there is no capture yet/)
})

able('a setting changes in the network of the script alone, and nobody stays there', ['own-net'], async () => {
  const setting = '/proc/sys/net/ipv4/tcp_orphan_retries'
  const before = readFileSync(setting, 'utf8')
  process.env.FINRST_TEST_NET = `net-of-${process.pid}`
  const { set, refused } = await kept(
    '$ sysctl net.ipv4.tcp_orphan_retries=7 -> set\n< sysctl net.ipv4.no_such_thing=1 -> refused\n$ open',
    'net: own',
  )
  assert.equal([set, refused], ['0', 'ENOENT'])
  assert.is(readFileSync(setting, 'utf8'), before)
  assert.equal(programs(`net-of-${process.pid}`), [])
  delete process.env.FINRST_TEST_NET
})

able('both ends of a script are in the same network of its own', ['own-net'], async () => {
  const { other } = await kept('$ open\n< send 2\n$ recv -> got\n< listed -> other', 'net: own')
  assert.is(other, 'ESTABLISHED')
})

test.run()
