// npm run bench: what a decision costs, and what a guarded connection costs on top of a bare one.
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release } from 'node:os'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import pc from 'picocolors'
import { backend } from '../adapters/node/libc.js'
import { benchConnections } from './connections.js'
import { benchCore } from './core.js'
import { benchEmbeddings } from './embed.js'
import type { Pair } from './pairs.js'
import { benchServers } from './servers.js'

const usage = `usage: npm run bench [-- --rounds N] [--connections N]
       npm run bench -- embed [LANGUAGE …]   what the libraries in other languages cost; npm run test:embed builds them
  --rounds N       pairs measured for each comparison, 3 … 1000 (default 15)
  --connections N  connections in each round, 10 … 100000 (default 400)`

function option(name: string, otherwise: number, least: number, most: number): number {
  const at = process.argv.indexOf(`--${name}`)
  if (at < 0) return otherwise
  const value = Number(process.argv[at + 1])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  console.error(`--${name} is ${process.argv[at + 1]}; expected a whole number, ${least} … ${most}\n${usage}`)
  process.exit(2)
}

function show(name: string, unit: string, [first, second]: [string, string], pair: Pair): void {
  const { ratio, least, most } = pair
  const digits = unit === 'ns' ? 2 : 1
  console.log(
    `  ${name.padEnd(38)}${first} ${pair.first.toFixed(digits)} ${unit}, ` +
      `${second} ${pair.second.toFixed(digits)} ${unit}, ` +
      `ratio ${pc.bold(ratio.toFixed(2))} (${least.toFixed(2)} … ${most.toFixed(2)})`,
  )
}

if (process.argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
if (process.argv[2] === 'embed') process.exit(benchEmbeddings(process.argv.slice(3)))

const rounds = option('rounds', 15, 3, 1000)
const connections = option('connections', 400, 10, 100_000)
console.log(
  `Node ${process.version}, ${platform()} ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
)
console.log(
  `system calls through ${backend().name}; medians and ratios of ${rounds} pairs in one run, range in brackets\n`,
)
for (const file of ['embed/finrst.wasm', 'embed/finrst-pure.wasm']) {
  const bytes = readFileSync(file)
  console.log(
    `${file}: ${bytes.length} bytes, gzip ${gzipSync(bytes).length}, brotli ${brotliCompressSync(bytes).length}`,
  )
}
console.log('\ndecide, one call from JavaScript')
const { plain, empty } = await benchCore(rounds)
show('Wasm / the same source as JavaScript', 'ns', ['Wasm', 'JavaScript'], plain)
show('Wasm / an empty exported call', 'ns', ['decide', 'empty'], empty)
console.log(`\na connection of 1 KiB on loopback, ${connections} a round, from connect to close`)
for (const [name, pair] of await benchConnections(rounds, connections)) {
  show(`${name} guarded / bare`, 'µs', ['guarded', 'bare'], pair)
}
console.log(`\na request to a server of HTTP, the client in the same process; the ratio is that of the throughputs`)
for (const [name, pair] of await benchServers(rounds, connections)) {
  show(`${name}, guarded / bare`, 'µs', ['bare', 'guarded'], pair)
}
