import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CounterFamily, GaugeFamily, HistogramFamily } from './meter.ts'
import { createRegistry, type Registry } from './registry.ts'
import { renderMetrics } from './render-metrics.ts'

const MADE: CounterFamily = {
  kind: 'counter',
  name: 'coffer_made_total',
  help: 'What was made',
  labels: ['what'],
}
const LEFT: GaugeFamily = { kind: 'gauge', name: 'coffer_left_bytes', help: 'What is left' }
const TOOK: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_took_seconds',
  help: 'How long it took',
  bounds: [0.1, 1],
}

function open(): Registry {
  return createRegistry((error) => assert.fail(String(error)))
}

test('counters, readings and buckets are rendered as Prometheus reads them', async () => {
  const registry = open()
  registry.counter(MADE, { what: 'a "b"\n\\' }).add(2)
  registry.read([LEFT], async () => [{ family: LEFT, value: 1.5 }])
  const took = registry.histogram(TOOK)
  for (const seconds of [0.05, 0.1, 0.5, 2]) took.observe(seconds)
  assert.equal(
    renderMetrics([await registry.collect()]),
    `# HELP coffer_made_total What was made.
# TYPE coffer_made_total counter
coffer_made_total{what="a \\"b\\"\\n\\\\"} 2
# HELP coffer_left_bytes What is left.
# TYPE coffer_left_bytes gauge
coffer_left_bytes 1.5
# HELP coffer_took_seconds How long it took.
# TYPE coffer_took_seconds histogram
coffer_took_seconds_bucket{le="0.1"} 2
coffer_took_seconds_bucket{le="1"} 3
coffer_took_seconds_bucket{le="+Inf"} 4
coffer_took_seconds_sum 2.65
coffer_took_seconds_count 4
`,
  )
})

test('figures of several threads add up by name and labels, after a way as plain values', async () => {
  const threads = await Promise.all(
    ['a', 'b', 'a'].map(async (what, at) => {
      const registry = open()
      registry.counter(MADE, { what }).add(10 ** at)
      registry.histogram(TOOK).observe(at)
      return structuredClone(await registry.collect())
    }),
  )
  const text = renderMetrics(threads)
  assert.match(text, /^coffer_made_total\{what="a"\} 101\ncoffer_made_total\{what="b"\} 10$/m)
  assert.match(text, /^coffer_took_seconds_bucket\{le="0\.1"\} 1$/m)
  assert.match(text, /^coffer_took_seconds_bucket\{le="1"\} 2$/m)
  assert.match(text, /^coffer_took_seconds_sum 3\ncoffer_took_seconds_count 3$/m)
})

test('labels are those that were declared', async () => {
  const registry = open()
  const message = 'coffer_made_total was declared with the labels [what], not [whose].'
  assert.throws(() => registry.counter(MADE, { whose: 'a' }), { message })
  assert.throws(() => registry.histogram(TOOK, { what: 'a' }), { name: 'TypeError' })
})

test('a family that was declared shows itself before it has figures', async () => {
  const registry = open()
  registry.read([LEFT], () => [])
  assert.match(renderMetrics([await registry.collect()]), /^# TYPE coffer_left_bytes gauge$/m)
})

test('a source that fails is told of, and leaves the others alone', async () => {
  const failures: unknown[] = []
  const registry = createRegistry((error) => failures.push(error))
  registry.read([LEFT], () => {
    throw new Error('gone')
  })
  registry.counter(MADE, { what: 'a' }).add(1)
  assert.match(renderMetrics([await registry.collect()]), /^coffer_made_total\{what="a"\} 1$/m)
  assert.equal(failures.length, 1)
})
