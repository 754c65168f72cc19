// A program that ends and resets ten connections, each in one tick, and reports how many descriptors are left of them.
import { guard } from '#adapter/index'
import { say } from './channel.js'
import { descriptors, eventually } from './descriptors.js'
import { emitted, flushed, pair } from './pair.js'

const times = 10
// What it reports through is no leak.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
const before = descriptors()
for (let index = 0; index < times; index += 1) {
  const { socket, other } = await pair()
  if (process.argv[2] === 'guarded') guard(socket)
  socket.write('x')
  await flushed(socket)
  const over = Promise.race([emitted(other.resume(), 'end'), emitted(other, 'close')])
  socket.end().resetAndDestroy()
  await over
  other.destroy()
}
await eventually(() => descriptors() <= before, 1000)
say({ left: descriptors() - before, times })
