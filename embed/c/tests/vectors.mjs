// Turns spec/vectors, or with `domain` spec/domain.json, into lines of numbers that a C program reads with scanf.
import { readdirSync, readFileSync } from 'node:fs'

const spec = new URL('../../../spec/', import.meta.url)
const json = (path) => JSON.parse(readFileSync(new URL(path, spec), 'utf8'))
const files = (folder) => readdirSync(new URL(folder, spec)).filter((name) => name.endsWith('.json'))

const { groups } = json('abi.json')
const number = (group, name) => {
  const value = groups[group]?.values[name]
  if (value === undefined) throw new Error(`spec/abi.json has no ${group}_${name}`)
  return value
}
const bits = (group, names = []) => names.reduce((all, name) => all | number(group, name), 0)
const ruleNumbers = new Map(json('rules.json').rules.map(({ id, number }) => [id, number]))

const rows = new Map([['unknown', 0]])
for (const name of files('platforms/')) {
  const { id, row, arches = [] } = json(`platforms/${name}`)
  rows.set(id, row)
  for (const arch of arches) rows.set(`${id}-${arch.id}`, arch.row)
}

function contextOf({ platform = 'unknown', can, policy, confirm, bigEndian } = {}) {
  const known = rows.get(platform)
  if (known === undefined) throw new Error(`there is no platform ${platform}`)
  const waits = confirm === undefined ? 0 : number('CONFIRM', confirm) << number('CONFIRM', 'SHIFT')
  return known | bits('CAN', can) | bits('POLICY', policy) | waits | (bigEndian ? number('CONTEXT', 'BIG_ENDIAN') : 0)
}

function stateOf({ phase = 'NEW', flags, cause, ...fields } = {}) {
  let word = number('PHASE', phase) | bits('FLAG', flags)
  if (cause !== undefined && cause !== 'NONE') word |= number('EVENT', cause) << number('FIELD', 'CAUSE_SHIFT')
  for (const field of ['receive', 'ended', 'by', 'delivery', 'received']) {
    const group = field.toUpperCase()
    if (fields[field] !== undefined) word |= number(group, fields[field]) << number('FIELD', `${group}_SHIFT`)
  }
  return word
}

function vectorLine(vector) {
  const context = contextOf(vector.context)
  if (vector.event !== undefined) {
    const group = vector.event === 'STOP_RECEIVING' ? 'RECEIVE' : 'ERROR'
    const argument = vector.argument === undefined ? 0 : number(group, vector.argument)
    const facts = bits('FACT', vector.facts) | (argument << number('ARGUMENT', 'SHIFT'))
    const steps = vector.plan.map((step) => number('STEP', step))
    const given = [context, stateOf(vector.state), number('EVENT', vector.event), facts]
    const plan = steps.reduce((all, step, at) => all | (step << (at * number('PLAN', 'STEP_BITS'))), 0)
    return `decision ${vector.id} ${given.join(' ')} ${ruleNumbers.get(vector.rule)} ${plan} ${stateOf(vector.becomes)}`
  }
  if (vector.seconds !== undefined) {
    const bytes = vector.bytes === 'out of range' ? '-' : vector.bytes.replaceAll(' ', '')
    return `linger ${vector.id} ${context} ${vector.seconds ?? -1} ${bytes} ${vector.level} ${vector.option}`
  }
  return `errno ${vector.id} ${context} ${vector.errno} ${number('ERROR', vector.error)}`
}

/** The inputs that an event reads in a phase. */
function readBy(domain, kind, event, phase) {
  if (phase === number('PHASE', 'ENDED')) return []
  if (phase === number('PHASE', 'NEW')) return words(domain.whenNew[event]?.[kind])
  const when = domain.events[event]
  return words((when.always ?? when[phase <= number('PHASE', 'CLOSING') ? 'early' : 'late'])[kind])
}
const words = (list = '') => list.split(' ').filter((word) => word !== '')

/** For each event and phase: a line with their numbers, and one for each input: which word, its mask, its values. */
function domainLines(kind) {
  const domain = json('domain.json')
  const place = { context: 0, state: 1, facts: 2 }
  const lines = [String(domain.traitsMask)]
  for (const [event, at] of Object.entries(groups.EVENT.values)) {
    for (let phase = 0; phase <= 6; phase += 1) {
      const inputs = readBy(domain, kind, event, phase).map((name) => domain.inputs[name])
      lines.push(`${at} ${phase} ${inputs.length}`)
      for (const { word, mask, values } of inputs) {
        // -1: the platforms, which the engine is asked for.
        lines.push(`${place[word]} ${mask} ${values === 'platforms' ? -1 : `${values.length} ${values.join(' ')}`}`)
      }
    }
  }
  return lines
}

const [what, kind] = process.argv.slice(2)
const lines =
  what === 'domain' ? domainLines(kind) : files('vectors/').flatMap((name) => json(`vectors/${name}`).map(vectorLine))
console.log(lines.join('\n'))
