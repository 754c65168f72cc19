// Tests the scripts for packetdrill: each line is one of its grammar, and what must come out is what a run saw.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type LoadedScript, loadScripts } from '../conformance/files.js'
import { asPacketdrill } from '../conformance/list-command.js'
import { parseScript } from '../conformance/script.js'
import { buildCommandLine, finrst, folder, within } from './support/command-line.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

// The productions of packetdrill's parser.y that these scripts use: action, syscall_spec, tcp_packet_spec.
const word = '[A-Za-z_][A-Za-z0-9_]*'
const atom = `(?:\\.\\.\\.|\\d+|${word}(?:\\|${word})*)`
const field = `${word}=${atom}`
const struct = `\\{${field}(?:, ${field})*\\}`
const expression = `(?:${atom}|${struct}|\\[(?:${atom}|${struct})\\])`
const failed = `-1 E[A-Z0-9]+ \\([A-Za-z ]+\\)`
const call = new RegExp(`^\\+0 ${word}\\(${expression}(?:, ${expression})*\\) = (?:\\d+|${failed})$`)
const option = '(?:mss \\d+|nop|wscale \\d+)'
const options = `(?: <(?:\\.\\.\\.|${option}(?:,${option})*)>)?`
const packet = new RegExp(
  `^\\+0 [<>] (?:[SFRP]\\.?|\\.) (\\d+):(\\d+)\\((\\d+)\\)(?: ack \\d+)?(?: win \\d+)?${options}$`,
)

/** What is wrong with a line; undefined: nothing. */
const wrongWith = (line: string): string | undefined => {
  if (line === '' || line.startsWith('//') || call.test(line)) return undefined
  const [, from, to, bytes] = packet.exec(line) ?? []
  if (from === undefined) return 'is no line of packetdrill'
  return Number(to) === Number(from) + Number(bytes) ? undefined : 'has numbers that do not fit its bytes'
}

const loaded = loadScripts()
const written = loaded.flatMap((each) => {
  const translated = asPacketdrill(each)
  return 'text' in translated ? [{ id: each.id, ...translated }] : []
})

interface RunFile {
  rows: Record<string, { values: Record<string, string> }>
}
const { rows } = JSON.parse(readFileSync('spec/runs/linux-6.18.json', 'utf8')) as RunFile

test('the grammar takes what packetdrill takes, and refuses what it does not', () => {
  for (const good of [
    '+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0',
    '+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN}], 1, 0) = 1',
    '+0 recv(4, ..., 65536, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)',
    '+0 > R. 1:1(0) ack 11',
    '+0 < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>',
    '// a remark',
  ]) {
    assert.is(wrongWith(good), undefined, good)
  }
  for (const bad of [
    '+0 close(4)',
    '+0 close(4) = EPIPE',
    '+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=-1}, 8) = 0',
    '+0 > R. 1:2(0) ack 11',
    '+0 > X. 1:1(0)',
    'close(4) = 0',
  ]) {
    assert.ok(wrongWith(bad), bad)
  }
})

test('many scripts can be written, and each line of them is one of packetdrill', () => {
  assert.ok(written.length >= 70, `${written.length} scripts`)
  for (const { id, text } of written) {
    for (const line of text.split('\n')) assert.is(wrongWith(line), undefined, `${id}: ${line}`)
  }
})

/** How the recorded peer saw the end, and how it must have been sent. */
const endings: Readonly<Record<string, string>> = { eof: 'us:FIN', ECONNRESET: 'us:RST' }

test('what must come out is what the peer of the recorded run read, and what its capture saw', () => {
  let compared = 0
  for (const { id, sent } of written) {
    const { end, told, sent: captured } = rows[id]?.values ?? {}
    const script = loaded.find((each) => each.id === id)
    const theirs = script && 'source' in script && /^< recv -> end\n\n/m.test(script.source)
    if (theirs && end !== undefined && endings[end] !== undefined) {
      assert.is(sent.at(-1), endings[end], `${id}: ${end}`)
      compared += 1
    }
    if (script && 'source' in script && /^< error -> told\n\n/m.test(script.source) && told === 'EPIPE') {
      assert.equal(sent.slice(-2), ['us:FIN', 'us:RST'], id)
      compared += 1
    }
    if (captured?.startsWith('us:') || captured === 'nothing') {
      const behind = captured === 'nothing' ? [] : captured.split('+').filter((each) => each.startsWith('us:'))
      assert.equal(behind.length === 0 ? [] : sent.slice(-behind.length), behind, id)
      compared += 1
    }
  }
  assert.ok(compared >= 20, `only ${compared} were compared`)
})

test('what packetdrill cannot say is told with the reason', () => {
  const reasons = loaded.flatMap((each) => {
    const translated = asPacketdrill(each)
    return 'cannot' in translated ? [[each.id, translated.cannot] as const] : []
  })
  assert.is(reasons.length + written.length, loaded.length)
  const told = new Map(reasons)
  assert.is(told.get('close-empty'), 'it is about a runtime, and packetdrill makes system calls')
  assert.is(told.get('exit.armed'), 'we: exit')
  assert.is(told.get('close.linger-zero.fin-wait-one'), 'the peer: silence')
  const source = 'title: A fact\nguard: system\n\n$ open\n$ linger -1 -> set\n? sets: set=0\n'
  const script = parseScript('linger.negative', source, () => ['sets'])
  const strange = asPacketdrill({ id: 'linger.negative', script, source } as LoadedScript)
  assert.match('cannot' in strange ? strange.cannot : '', /no negative numbers/)
})

test(
  'finrst list --as packetdrill prints one script that can be run, or writes a file for each',
  within(async () => {
    const one = await finrst('list', 'close.unread', '--as', 'packetdrill')
    assert.is(one.code, 0)
    assert.match(one.out, /\+0 close\(4\) = 0\n\+0 > R\. 1:1\(0\) ack 11\n/)
    const into = join(folder, 'pkt')
    const all = await finrst('list', '--as', 'packetdrill', '--into', into)
    assert.match(all.out, new RegExp(`^// ${written.length} scripts, \\d+ that packetdrill cannot express\\n$`, 'm'))
    assert.equal(readdirSync(into), written.map(({ id }) => `${id}.pkt`).sort())
    assert.is((await finrst('list', '--into', into)).code, 2)
    assert.is((await finrst('list', '--as', 'tcpdump')).code, 2)
  }),
)

test.run()
