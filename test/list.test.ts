// Tests how the connections of a process are kept: in lists that they leave at any time, and by tokens.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Linked, List } from '../adapters/core/list.js'
import { Tokens } from '../adapters/core/tokens.js'

class Item implements Linked<Item> {
  previous: Item | undefined
  next: Item | undefined

  constructor(readonly name: string) {}
}

const namesOf = (list: List<Item>): string => Array.from(list, ({ name }) => name).join('')

function listOf(names: string): { list: List<Item>; items: Item[] } {
  const list = new List<Item>()
  const items = [...names].map((name) => new Item(name))
  for (const item of items) list.add(item)
  return { list, items }
}

for (const leaver of ['a', 'b', 'c']) {
  test(`${leaver} leaves a list of three, and the others stay in their order`, () => {
    const { list, items } = listOf('abc')
    const item = items.find(({ name }) => name === leaver) as Item
    list.remove(item)
    assert.is(namesOf(list), 'abc'.replace(leaver, ''))
    assert.is(list.size, 2)
    assert.is(list.first?.name, leaver === 'a' ? 'b' : 'a')
    assert.is(list.has(item), false)
    list.add(item)
    assert.is(namesOf(list), `${'abc'.replace(leaver, '')}${leaver}`)
  })
}

test('what has left leads to nothing, and nothing to it', () => {
  const { list, items } = listOf('abc')
  const [a, b, c] = items as [Item, Item, Item]
  list.remove(b)
  assert.equal([b.previous, b.next], [undefined, undefined])
  assert.is(a.next, c)
  assert.is(c.previous, a)
})

test('the only one leaves, and a list is as new', () => {
  const { list, items } = listOf('a')
  list.remove(items[0] as Item)
  assert.equal([list.first, list.size, namesOf(list)], [undefined, 0, ''])
  list.add(new Item('b'))
  assert.is(namesOf(list), 'b')
})

test('to leave twice changes nothing', () => {
  const { list, items } = listOf('abc')
  list.remove(items[1] as Item)
  list.remove(items[1] as Item)
  assert.equal([namesOf(list), list.size], ['ac', 2])
})

test('each is met once although all leave meanwhile', () => {
  const { list } = listOf('abc')
  const met: string[] = []
  for (const item of list) {
    met.push(item.name)
    for (const other of list) list.remove(other)
  }
  assert.equal(met, ['a', 'b', 'c'])
  assert.is(list.size, 0)
})

// With a Set of the same items beside it 29 MB are kept (Node 20).
test('V8 keeps nothing alive that has left, although nobody collects the whole heap', () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: object) => void
  const collectYoung = (): void => gc({ type: 'minor' })
  const list = new List<Item>()
  const come = (): Item => {
    const item = Object.assign(new Item('a'), { load: new Array(100).fill(0) })
    list.add(item)
    return item
  }
  let all = Array.from({ length: 8 }, come)
  for (let time = 0; time < 4; time += 1) collectYoung()
  gc({ type: 'major' })
  const before = process.memoryUsage().heapUsed
  for (let round = 0; round < 40; round += 1) {
    for (let count = 0; count < 1000; count += 1) {
      all.push(come())
      list.remove(all.shift() as Item)
    }
    all = [...all]
    collectYoung()
  }
  const kept = process.memoryUsage().heapUsed - before
  assert.ok(kept < 2_000_000, `${kept} bytes are kept`)
})

test('a token leads to what has taken it, until it is released', () => {
  const tokens = new Tokens<string>()
  const [a, b] = [tokens.take('a'), tokens.take('b')]
  assert.equal([tokens.of(a), tokens.of(b), tokens.all()], ['a', 'b', ['a', 'b']])
  tokens.release(a)
  assert.equal(tokens.all(), ['b'])
  assert.throws(() => tokens.of(a), `finrst: no connection has the token ${a}`)
})

test('a token that was released leads to nobody else, and releases nobody else', () => {
  const tokens = new Tokens<string>()
  const a = tokens.take('a')
  tokens.release(a)
  const b = tokens.take('b')
  tokens.release(a)
  assert.is(tokens.of(b), 'b')
  assert.throws(() => tokens.of(a), /no connection has the token/)
})

test('a token comes again only after hundreds, and is a number of 30 bits', () => {
  const tokens = new Tokens<string>()
  const taken = Array.from({ length: 500 }, () => {
    const token = tokens.take('a')
    tokens.release(token)
    return token
  })
  assert.is(new Set(taken).size, taken.length)
  for (const token of taken) assert.ok(token >= 0 && token < 2 ** 30, String(token))
})

test.run()
