// A testee that babbles: for each line that it reads it writes whatever comes to its mind, which a seed decides.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

let word = Number(process.argv[2]) | 0 || 1
const next = () => {
  word ^= word << 13
  word ^= word >>> 17
  word ^= word << 5
  return word >>> 0
}
const bytes = (most) => Buffer.from(Array.from({ length: next() % most }, () => next() & 255))
const lines = [
  ...['{"ok":true}\n', '{"ok":false}\n', '{"ok":"yes"}\n', '{}\n', '[]\n', 'null\n', '7\n', '"text"\n', '{"ok":true'],
  ...[
    '{"event":"open"}\n',
    '{"event":7}\n',
    '{"event":{}}\n',
    '{"saw":"eof"}\n',
    '\n',
    '\r\n',
    ' \t\n',
    '\0\n',
    '\u001b[2J\n',
  ],
  ...[
    '{"__proto__":{"ok":true}}\n',
    '{"ok":true,"ok":false}\n',
    '{"ok":true,"port":-1}\n',
    '{"ok":true,"host":"\u202e"}\n',
  ],
]
const write = (what) => {
  const all = Buffer.from(what)
  for (let at = 0; at < all.length; ) {
    try {
      at += writeSync(1, all, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(1)
    }
  }
}
const acts = [
  () => write(bytes(300)),
  () => write(bytes(3000)),
  () => write(lines[next() % lines.length]),
  () => write(lines[next() % lines.length]),
  () => write(lines[next() % lines.length]),
  () => write('x'.repeat(next() % 2_000_000)),
  () => write('{"ok":true,"port":7}\n'.repeat(next() % 300)),
  () => process.stderr.write(bytes(5000)),
  () => process.exit(next() & 255),
  () => process.kill(process.pid, 'SIGKILL'),
  () => {},
]
createInterface({ input: process.stdin }).on('line', () => {
  for (let left = next() % 5; left > 0; left -= 1) acts[next() % acts.length]()
  // Whoever waits for an answer need not wait any longer.
  process.stderr.write('\nthat is all\n')
})
process.stdin.on('end', () => process.exit())
