// npm run pin: writes spec/vectors/exhaustive.sha256, the hash of what decide() and enter() answer over their domain.
import { writeFileSync } from 'node:fs'
import { COLUMN } from '../adapters/core/names.js'
import { engine } from '../adapters/core/wasm.js'
import { Digest, pinLine, walkDomain } from '../test/twin/dump.ts'

const wasm = engine()
const lines = (['decide', 'enter'] as const).map((of) => {
  const digest = new Digest()
  walkDomain(
    of,
    (platform) => wasm.column(platform, COLUMN.TRAITS ?? 0),
    (...words) => {
      digest.add(wasm[of](...words))
      return 0
    },
  )
  return pinLine(of, digest)
})
writeFileSync('spec/vectors/exhaustive.sha256', `${lines.join('\n')}\n`)
console.log(lines.join('\n'))
