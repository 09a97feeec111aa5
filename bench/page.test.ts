import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeBars } from './bars.ts'
import type { Round } from './measure.ts'
import { renderRun } from './page.ts'
import type { Results, ScenarioFigures } from './results.ts'

test('a ratio is the median of the ratios within each round', () => {
  const [bar] = judgeBars(resultsOf([scenarioOf({ ours: [100, 40, 90], peer: [50, 10, 60] })]))
  assert.equal(bar?.measured, '2.00x')
})

test('a bar that is missed says by which part of it', () => {
  const [bar] = judgeBars(resultsOf([scenarioOf({ ours: [30], peer: [10] })]))
  assert.equal(bar?.isMet, false)
  assert.equal(bar?.missing.toFixed(2), '0.25')
})

test('the page has medians with lowest and highest, ratios and CPU time per request', () => {
  const page = renderRun(resultsOf([scenarioOf({ ours: [100, 300, 200], peer: [50, 50, 50] })]))
  const text = page.join('\n\n')
  assert.match(text, /\| PUT, requests\/s \| 200 \(100–300\) \| 50 \(50–50\) \| \*\*4\.00x\*\*/)
  assert.match(text, /\| PUT \| 2\.0 \/ 9\.0 \| 2\.0 \/ 9\.0 \| 500 \| 500 \| 20 \/ 20 \|/)
  assert.match(text, /\| PUT \| 4x MinIO \| 4\.00x \| yes \|/)
})

test('memory that an upload adds is judged, also where the server did not live to tell', () => {
  const bars = judgeBars({
    ...resultsOf([]),
    memory: [
      {
        contestant: 'Coffer',
        afterAllBytes: 200e6,
        free: {
          atRestBytes: 50e6,
          upload: { bytes: 170e6, seconds: 9 },
          mixed: { failure: 'gone' },
        },
        limited: {
          atRestBytes: 50e6,
          upload: { failure: 'gone' },
          mixed: { failure: 'gone' },
        },
      },
    ],
  })
  assert.deepEqual(
    bars.map(({ measured, isMet }) => [measured, isMet]),
    [
      ['200 MB', true],
      ['120 MB', false],
      ['gone', false],
    ],
  )
})

type Rates = { readonly ours: readonly number[]; readonly peer: readonly number[] }

function scenarioOf({ ours, peer }: Rates): ScenarioFigures {
  return {
    scenario: 'PUT',
    unit: 'requests/s',
    objectsPerRequest: 1,
    bar: 4,
    contestants: [
      { contestant: 'Coffer', rounds: ours.map(roundOf) },
      { contestant: 'MinIO', rounds: peer.map(roundOf) },
    ],
  }
}

/** A second with so many requests. */
function roundOf(requests: number): Round {
  return {
    operations: requests,
    bytes: requests,
    seconds: 1,
    latency: { p50: 2, p99: 9, max: 9 },
    asked: requests,
    generatorCpuSeconds: requests * 20e-6,
    serverCpuSeconds: requests * 500e-6,
  }
}

function resultsOf(scenarios: readonly ScenarioFigures[]): Results {
  return {
    kind: 'bench',
    at: '2026-11-21T00:00:00.000Z',
    minutes: 1,
    machine: 'a machine',
    loadBefore: 0,
    disk: { mounted: 'ext4', newBlocks: 300, sameBlocks: 3000, syncsPerSecond: 5000 },
    contestants: [
      { name: 'Coffer', version: 'one' },
      { name: 'MinIO', version: 'another' },
    ],
    timing: { warmUpSeconds: 0, seconds: 1 },
    rounds: 3,
    starts: [],
    scenarios,
    memory: [],
    skipped: [],
  }
}
