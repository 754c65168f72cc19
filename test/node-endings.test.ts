// Tests what a process tells of its verdicts: the diagnostics channel, the counts, the meter and the line of the log.
import { channel } from 'node:diagnostics_channel'
import { metrics } from '@opentelemetry/api'
import { metrics as lowest } from '@opentelemetry/api-lowest'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { ATTR_ERROR_TYPE, ERROR_TYPE_VALUE_OTHER } from '@opentelemetry/semantic-conventions'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { countVerdicts, type Ending, guard, type Verdict } from '#adapter/index'
import { type Audience, endingLine, tellEnding, tellEndingsTo } from '../adapters/core/endings.js'
import { errorType, tellEndings } from '../adapters/net/endings.js'
import { showRule } from '../conformance/explain.js'
import { fact, soon } from './support/deadline.js'
import { emitted, flushed, pair } from './support/pair.js'
import { startProgram, stopPrograms } from './support/programs.js'

test.after(stopPrograms)

/** Two connections of which one is closed and one aborted, and their verdicts. */
const closeAndAbort = async (): Promise<Verdict[]> => {
  const [first, second] = [await pair(), await pair()]
  for (const { other } of [first, second]) other.resume().on('end', () => other.end())
  const verdicts = [await guard(first.socket).close(), await guard(second.socket).abort(new Error('enough'))]
  for (const { socket, other } of [first, second]) for (const it of [socket, other]) it.destroy()
  return verdicts
}

fact('every verdict is told once on the channel, with its guard and its socket, and to nobody afterwards', async () => {
  const told: Ending[] = []
  const hear = (ending: unknown): void => void told.push(ending as Ending)
  const heard = channel('finrst:verdict')
  heard.subscribe(hear)
  const { socket, other } = await pair()
  other.resume().end()
  const held = guard(socket)
  const verdict = await held.close()
  await closeAndAbort()
  heard.unsubscribe(hear)
  assert.is(told.length, 3)
  assert.ok(told[0].verdict === verdict && told[0].guard === held && told[0].socket === socket)
  assert.equal(
    told.map(({ verdict: { cause } }) => cause),
    ['close', 'close', 'abort'],
  )
  await closeAndAbort()
  assert.is(told.length, 3)
})

fact('counts go by ended, by, cause and delivery, and stop when they are told to', async () => {
  using counts = countVerdicts()
  const verdicts = [...(await closeAndAbort()), ...(await closeAndAbort())]
  const counted = counts.snapshot()
  assert.is(
    counted.reduce((sum, { count }) => sum + count, 0),
    4,
  )
  for (const { ended, by, cause, delivery, count } of counted) {
    const same = verdicts.filter(
      (it) => it.ended === ended && it.by === by && it.cause === cause && it.delivery === delivery,
    )
    assert.is(same.length, count)
  }
  assert.ok(counted.every(({ count }, index) => index === 0 || count <= counted[index - 1].count))
  counts.stop()
  await closeAndAbort()
  assert.equal(counts.snapshot(), counted)
  counted[0].count = 99
  assert.is.not(counts.snapshot()[0].count, 99)
})

for (const [age, api] of Object.entries({ newest: metrics, oldest: lowest })) {
  fact(`OpenTelemetry's own meter counts them, with error.type for those that are no success: ${age} api`, async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
    using _ = countVerdicts({ meter: api.getMeter('finrst') })
    const verdicts = await closeAndAbort()
    await reader.forceFlush()
    const [metric] = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    assert.equal([metric.descriptor.name, metric.descriptor.unit], ['finrst.connection.endings', '{connection}'])
    const points = metric.dataPoints.map(({ value, attributes }) => ({ value, ...attributes }))
    assert.equal(
      points,
      verdicts.map(({ ended, by, cause, delivery }, index) => ({
        value: 1,
        ...{ 'finrst.ended': ended, 'finrst.by': by, 'finrst.cause': cause, 'finrst.delivery': delivery },
        ...(index === 1 ? { [ATTR_ERROR_TYPE]: 'aborted_by_app' } : {}),
      })),
    )
    await reader.shutdown()
    metrics.disable()
  })
}

fact('error.type is a word of low cardinality for every cause, and none for a connection that ended well', () => {
  const of = (change: Partial<Verdict>): string | undefined => {
    const verdict: Verdict = {
      ...{ ended: 'reset', by: 'us', cause: 'abort', delivery: 'lost', received: 'unknown' },
      ...{ certainty: 'measured', rule: 'abort-resets', ...change },
    }
    return errorType(verdict)
  }
  assert.is(of({ ended: 'fin', cause: 'close', delivery: 'acked' }), undefined)
  assert.is(of({ ended: 'fin', cause: 'drop', delivery: 'handed' }), undefined)
  assert.is(of({ ended: 'fin', cause: 'drop', delivery: 'lost' }), 'dropped_by_app')
  assert.is(of({ cause: 'peer', by: 'peer' }), 'connection_reset')
  assert.is(of({ cause: 'deadline' }), 'close_timeout')
  assert.is(of({ cause: 'error', error: Object.assign(new Error('x'), { code: 'EPIPE' }) }), 'EPIPE')
  assert.is(of({ cause: 'error', error: new Error('an address and a time') }), ERROR_TYPE_VALUE_OTHER)
})

fact('bad arguments are refused in words', () => {
  assert.throws(() => countVerdicts(7 as never), /^finrst: options is 7; expected an object/)
  assert.throws(() => countVerdicts({ meter: {} } as never), /^finrst: meter is an object .*; expected a Meter/)
})

fact('where nobody listens nothing is made: not even the socket is looked at', () => {
  const told: Ending[] = []
  let wanted = false
  const audience: Audience = { heard: () => wanted, tell: (ending) => void told.push(ending) }
  const touched = new Proxy({}, { get: () => assert.unreachable('the socket is looked at') })
  tellEndingsTo(audience)
  tellEnding({} as never, touched, {} as never, 0)
  assert.is(told.length, 0)
  wanted = true
  tellEnding({} as never, touched, {} as never, 0)
  assert.is(told.length, 1)
  tellEndings(undefined, process.pid)
})

fact('FINRST_LOG=1 prints a line for each ending, which finrst explain understands', async () => {
  const plan = JSON.stringify({ guarded: true, bytes: 1000, flushed: true })
  for (const [log, lines] of [
    ['1', 1],
    ['0', 0],
  ] as const) {
    const program = await startProgram('crash-program', [plan], { FINRST_LOG: log, NO_COLOR: '1' })
    const { port } = (await soon('a port', program.next())) as { port: number }
    const ready = program.next()
    const { connect } = await import('node:net')
    const client = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
    await soon('the bytes', emitted(client, 'data'))
    await soon('readiness', ready)
    program.tell('exit 0')
    await soon('the death', program.died)
    const told = program.errors().match(/^FINRST \d+: .*$/gm) ?? []
    assert.is(told.length, lines, program.errors())
    if (lines === 0) continue
    const line = told[0] ?? ''
    assert.match(line, /peer=\S*127\.0\.0\.1\]?:\d+ ended=reset by=us cause=exit .*rule=exit-resets context=\d+/)
    const explained = showRule(line)
    for (const words of ['exit-resets', 'verdict  reset by us, cause exit', 'by its context']) {
      assert.ok(explained.includes(words), explained)
    }
    client.destroy()
  }
})

fact('the line of a connection of any kind tells its peer, and an error comes last, in quotes', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  socket.write('x')
  await flushed(socket)
  const verdict = await held.abort(new Error('rule=none "of it"'))
  const line = (of: object): string => endingLine({ verdict, guard: held, socket: of }, 1)
  assert.match(line(socket), /^peer=\S+ ended=reset .* context=1 error="rule=none \\"of it\\""$/)
  assert.match(line({ remoteAddr: { hostname: '::1', port: 7 } }), /^peer=\[::1\]:7 ended=reset/)
  assert.match(line({}), /^peer=- /)
  assert.ok(showRule(line(socket)).includes('abort-resets'))
  other.destroy()
})

test.run()
