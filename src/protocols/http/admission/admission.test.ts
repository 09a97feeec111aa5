import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { AdmissionError } from './admission-error.ts'
import { type AdmissionLimits, createAdmission, type Visit } from './admission.ts'

const LIMITS: AdmissionLimits = {
  requests: 4,
  requestsWaiting: 2,
  requestWaitMs: 5000,
  requestsOfCaller: 2,
  documentsSizeBytes: 100,
  unsentSizeBytes: 100,
}

const NOTHING = { used: 0, waiting: 0 }

test('a caller beyond its share is refused, and others are not', () => {
  const admission = createAdmission(LIMITS)
  const visits = [1, 2, 3].map(() => admission.open())
  for (const visit of visits) assert.equal(visit.enter(), true)
  const [first, second, third] = visits
  first?.countTo('busy')
  second?.countTo('busy')
  assert.throws(() => third?.countTo('busy'), { code: 'CallerBusy' })
  third?.countTo('calm')
  first?.leave()
  third?.countTo('busy')
  assert.equal(admission.counts().callers.refused, 1)
})

test('a request that turns out to be another’s frees the first one’s share', () => {
  const admission = createAdmission({ ...LIMITS, requestsOfCaller: 1 })
  const visit = admission.open()
  visit.countTo('address')
  visit.countTo('key')
  admission.open().countTo('address')
  assert.throws(() => admission.open().countTo('key'), { code: 'CallerBusy' })
})

test('documents together have so much memory, and give it back', () => {
  const admission = createAdmission(LIMITS)
  const large = admission.open()
  large.hold(60)
  const other = admission.open()
  assert.throws(() => other.hold(60), { code: 'MemoryBusy' })
  large.leave()
  other.hold(60)
  assert.equal(admission.counts().documentBytes.used, 60)
})

test('a request that left while it waited keeps no place', async () => {
  const admission = createAdmission({ ...LIMITS, requests: 1 })
  const inside = admission.open()
  assert.equal(inside.enter(), true)
  const gone = admission.open()
  const entering = gone.enter()
  gone.leave()
  inside.leave()
  assert.equal(await entering, false)
  assert.equal(admission.open().enter(), true)
})

/** What requests do, in any order: each step names a visit and what it tries. */
const steps = fc.array(
  fc.record({
    visit: fc.nat(7),
    act: fc.constantFrom('enter', 'count', 'hold', 'leave'),
    amount: fc.nat(60),
  }),
  { maxLength: 80 },
)

test('whatever requests do and however they end, nothing stays taken', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (acts) => {
      const admission = createAdmission(LIMITS)
      const visits = Array.from({ length: 8 }, () => admission.open())
      const entered = new Set<Visit>()
      const entering: Promise<boolean>[] = []
      for (const { visit: at, act, amount } of acts) {
        const visit = visits[at] ?? assert.fail()
        if (act === 'enter' && !entered.has(visit)) entering.push(Promise.resolve(visit.enter()))
        if (act === 'enter') entered.add(visit)
        if (act === 'leave') visit.leave()
        if (act === 'count') tryTo(() => visit.countTo(`caller-${amount % 3}`))
        if (act === 'hold') tryTo(() => visit.hold(amount))
        const { requests, documentBytes } = admission.counts()
        assert.ok(requests.used <= LIMITS.requests)
        assert.ok(requests.waiting <= LIMITS.requestsWaiting)
        assert.ok(documentBytes.used <= LIMITS.documentsSizeBytes)
      }
      for (const visit of visits) visit.leave()
      await Promise.all(entering)
      const { requests, callers, documentBytes } = admission.counts()
      assert.deepEqual({ used: requests.used, waiting: requests.waiting }, NOTHING)
      assert.deepEqual([callers.used, documentBytes.used], [0, 0])
    }),
  )
})

function tryTo(act: () => void): void {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof AdmissionError)
  }
}
