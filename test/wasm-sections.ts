// Reads a Wasm module: its sections, types, memories, globals, and every opcode of its functions.
// It knows the whole of Wasm 1.0 and nothing after it; an unknown opcode or a prefix is an error, not a guess.

/** What a module is made of. */
export interface WasmParts {
  /** Names of the sections, in order; `custom` and `data count` are sections too. */
  sections: string[]
  /** The value types of all parameters, results and locals. */
  types: string[]
  memories: { least: number; most: number | undefined }[]
  mutableGlobals: number
  functions: number
  opcodes: Set<number>
}

const sectionNames = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
]
const typeNames = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
])
const opcodeEnd = 0x0b

class Reader {
  at = 0
  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw new Error(`the module ends at ${this.at}`)
    this.at += 1
    return byte
  }

  /** A number in LEB128; signed numbers are read as their bits, which is enough to pass over them. */
  number(): number {
    let number = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      number |= (byte & 127) << shift
      if (byte < 128) return number
    }
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read)
  }
}

const typeName = (byte: number): string => typeNames.get(byte) ?? `type 0x${byte.toString(16)}`

// Passes over what follows an opcode.
function skipImmediate(reader: Reader, opcode: number): void {
  if (opcode === 0x0e) {
    reader.list(() => reader.number())
    reader.number()
  } else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.number()
    reader.number()
  } else if (opcode === 0x43) reader.at += 4
  else if (opcode === 0x44) reader.at += 8
  else if (opcode >= 0x02 && opcode <= 0x04) reader.byte()
  else if ([0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24))
    reader.number()
}

function readExpression(reader: Reader, end: number, opcodes: Set<number>): void {
  while (reader.at < end) {
    const opcode = reader.byte()
    opcodes.add(opcode)
    if (opcode > 0xbf) throw new Error(`opcode 0x${opcode.toString(16)} at ${reader.at - 1} is newer than Wasm 1.0`)
    skipImmediate(reader, opcode)
  }
  if (reader.at !== end || reader.bytes[end - 1] !== opcodeEnd) throw new Error(`an expression does not end at ${end}`)
}

function readGlobal(reader: Reader, parts: WasmParts): void {
  parts.types.push(typeName(reader.byte()))
  parts.mutableGlobals += reader.byte()
  for (let opcode = reader.byte(); opcode !== opcodeEnd; opcode = reader.byte()) skipImmediate(reader, opcode)
}

function readBody(reader: Reader, parts: WasmParts): void {
  const size = reader.number()
  const end = reader.at + size
  reader.list(() => {
    reader.number()
    parts.types.push(typeName(reader.byte()))
  })
  readExpression(reader, end, parts.opcodes)
  parts.functions += 1
}

function readSection(reader: Reader, name: string, parts: WasmParts): void {
  switch (name) {
    case 'type':
      reader.list(() => {
        if (reader.byte() !== 0x60) throw new Error('a type that is no function')
        for (const list of [reader.list(() => reader.byte()), reader.list(() => reader.byte())])
          parts.types.push(...list.map(typeName))
      })
      break
    case 'memory':
      reader.list(() => {
        const limited = reader.byte()
        parts.memories.push({ least: reader.number(), most: limited === 1 ? reader.number() : undefined })
      })
      break
    case 'global':
      reader.list(() => readGlobal(reader, parts))
      break
    case 'code':
      reader.list(() => readBody(reader, parts))
      break
  }
}

/** Reads a module. Throws if it is not Wasm 1.0. */
export function readModule(bytes: Uint8Array): WasmParts {
  const reader = new Reader(bytes)
  const parts: WasmParts = {
    sections: [],
    types: [],
    memories: [],
    mutableGlobals: 0,
    functions: 0,
    opcodes: new Set(),
  }
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== '\0asm' || bytes[4] !== 1)
    throw new Error('not a Wasm module of version 1')
  reader.at = 8
  while (reader.at < bytes.length) {
    const name = sectionNames[reader.byte()] ?? 'unknown'
    const size = reader.number()
    const end = reader.at + size
    parts.sections.push(name)
    readSection(reader, name, parts)
    reader.at = end
  }
  return parts
}
