// Tests the runner where the machine is in its way: no network, no port, no second process, no space, no privilege.
//
// 1. Each machine is made by the test: a network namespace, a small file system in a mount namespace, a limit of one
//    process.
// 2. What stopped the run is told in one sentence, and the exit code is 3.
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildCommandLine, folder, type Ran, run } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'
import { works } from './support/tools.js'

const cli = join(folder, 'cli.mjs')
const node = process.execPath

test.before(async () => {
  await buildCommandLine()
  // Somebody without privileges is to read it too.
  chmodSync(folder, 0o755)
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const finrst = (...args: string[]): string => [node, cli, ...args].map(quote).join(' ')

/** Declares a test that needs namespaces, which must be there where everything must be. */
const inNamespace = (
  kind: '--net' | '--mount',
  name: string,
  script: () => string,
  check: (ran: Ran) => void,
): void => {
  const missing = !works('unshare', kind, 'true') && `no unshare ${kind}: needs root on Linux`
  if (missing !== false && process.env.CI !== undefined) return fact(name, () => assert.unreachable(missing))
  factIf(missing, name, async () => check(await run(['unshare', kind, 'sh', '-c', script()])), 90_000)
}

const stopped =
  (words: RegExp) =>
  ({ code, errors }: Ran): void => {
    assert.is(code, 3, errors)
    assert.match(errors, words)
    assert.is(errors.trimEnd().split('\n').length, 1, errors)
  }

inNamespace(
  '--net',
  'without a network the run ends with 3 and says that nobody can connect',
  () => finrst('test', 'close-empty'),
  stopped(/^finrst: nobody can (?:listen on|connect to) 127\.0\.0\.1 here: \S.*$/m),
)

inNamespace(
  '--net',
  'without a network vectors and lists are there all the same',
  () =>
    `${finrst('test', '--only', 'vectors')} && ${finrst('list', 'close-empty')} && ${finrst('table', 'close.unread')}`,
  ({ code, out }) => {
    assert.is(code, 0)
    assert.match(out, /^\d{3} passed, 0 failed$/m)
  },
)

inNamespace(
  '--net',
  'without a network an audit ends with 3 and names the address',
  () => finrst('audit', '127.0.0.1:9'),
  stopped(/^finrst: 127\.0\.0\.1:9 cannot be connected to: connect (?:ENETUNREACH|ECONNREFUSED)/m),
)

// One port is all that there is, and somebody has it.
const occupant = "require('net').createServer().listen(40000, '127.0.0.1', () => console.log('taken'))"
inNamespace(
  '--net',
  'where every port is in use the run ends with 3 and says so',
  () => `
    ip link set lo up || ifconfig lo up || exit 9
    echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range || exit 9
    mkfifo ${quote(join(folder, 'ready'))}
    ${quote(node)} -e ${quote(occupant)} > ${quote(join(folder, 'ready'))} & occupant=$!
    head -n 1 ${quote(join(folder, 'ready'))}
    ${finrst('test', 'close-empty')}; code=$?
    kill $occupant; exit $code`,
  stopped(/^finrst: nobody can listen on 127\.0\.0\.1 here: listen EADDRINUSE: address already in use 127\.0\.0\.1$/m),
)

inNamespace(
  '--mount',
  'on a full disk the report is told as not written with 3, and an earlier one is as it was',
  () => {
    const disk = join(folder, 'disk')
    const report = join(disk, 'run.json')
    return `
      mkdir ${quote(disk)} && mount -t tmpfs -o size=8k none ${quote(disk)} || exit 9
      echo earlier > ${quote(report)}
      ${finrst('test', 'close-empty', 'plain-exit', '--json', report)}; code=$?
      cat ${quote(report)}; ls ${quote(disk)}; exit $code`
  },
  (ran) => {
    stopped(/^finrst: the report cannot be written to \S+: there is no space left on the device \(ENOSPC\)$/m)(ran)
    assert.match(ran.out, /^2 passed, 0 failed\nearlier\nrun\.json\n$/)
  },
)

fact('a full disk behind the standard output is told too', async () => {
  const { code, errors } = await run(['sh', '-c', `${finrst('list', '--as', 'packetdrill')} > /dev/full`])
  assert.is(code, 3)
  assert.match(errors, /^finrst: the standard output cannot be written to: .*ENOSPC.*\n$/)
})

fact('whoever reads only the first line is no mistake', async () => {
  const { code, errors } = await run(['sh', '-c', `{ ${finrst('list')}; echo "code $?" >&2; } | head -n 1`])
  assert.is(code, 0)
  assert.is(errors, 'code 0\n')
})

/** Somebody who has no privileges. */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const needsRoot =
  (!isRoot || process.platform !== 'linux' || !works('prlimit', '--version')) && 'needs root and prlimit on Linux'
const withRoot = (name: string, body: () => Promise<void>): void => {
  if (needsRoot !== false && process.env.CI !== undefined) fact(name, () => assert.unreachable(needsRoot))
  else factIf(needsRoot, name, body, 90_000)
}

withRoot('where no second process can be started the run ends with 3 and says which', async () => {
  // The threads that the runtime needs are started first; then the limit is set, and then the privileges are given up.
  const wrapper = `
    import { execFileSync } from 'node:child_process'
    import { readFile } from 'node:fs/promises'
    await Promise.all(Array.from({ length: 8 }, () => readFile(process.execPath).then(({ length }) => length)))
    execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1'])
    process.setgid(${nobody})
    process.setuid(${nobody})
    process.argv = [process.argv[0], ${JSON.stringify(cli)}, 'test', 'close-empty']
    await import(${JSON.stringify(cli)})`
  const file = join(folder, 'wrapper.mjs')
  writeFileSync(file, wrapper)
  const { code, errors } = await run([node, file])
  assert.is(code, 3, errors)
  assert.match(errors, /^finrst: the testee cannot be started \(.*\): spawn \S+ EAGAIN$/m)
})

withRoot('without root what needs it is skipped with the reason, and the rest runs', async () => {
  const repository = resolve('.')
  // Somebody else has to be able to reach this repository and this Node at all.
  const reachable = works(
    'setpriv',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    node,
    '-e',
    `
    require('fs').readFileSync(${JSON.stringify(join(repository, 'package.json'))})`,
  )
  if (!reachable) return console.log('note: nobody cannot read this repository, so it was not tried without root')
  const { code, out } = await run([
    ...['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'],
    ...[node, cli, 'test', 'abort.admin-error', 'close.plain', 'shut-rd.wire'],
  ])
  assert.is(code, 0, out)
  assert.match(out, /^S \d+ skipped: needs an administrator: .*EPERM$/m)
  assert.match(out, /^S \d+ skipped: needs the level packet: socket\(AF_PACKET\) says EPERM$/m)
  assert.match(out, /^1 passed, 0 failed, 2 skipped$/m)
})

test.run()
