// Packs a world into two words and unpacks it: half of the key of a state.
import { type Field, firstFields, secondFields, type World } from '../../simulation/world.ts'

// Written out as code once, because packing is most of the time of an exploration.
function packer(list: readonly [Field, number][]): (world: World) => number {
  let shift = 0
  const terms = list.map(([name, bits]) => {
    const term = `world.${name} << ${shift}`
    shift += bits
    return term
  })
  if (shift > 31) throw new Error(`${shift} bits do not fit a word`)
  return new Function('world', `return ${terms.join(' | ')}`) as (world: World) => number
}

function unpacker(list: readonly [Field, number][]): (world: World, word: number) => void {
  let shift = 0
  const lines = list.map(([name, bits]) => {
    const line = `world.${name} = (word >> ${shift}) & ${(1 << bits) - 1}`
    shift += bits
    return line
  })
  return new Function('world', 'word', lines.join('\n')) as (world: World, word: number) => void
}

export const packFirst = packer(firstFields)
export const packSecond = packer(secondFields)
export const unpackFirst = unpacker(firstFields)
export const unpackSecond = unpacker(secondFields)
