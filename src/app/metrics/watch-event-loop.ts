// How late a thread gets to what is due. A timer of our own feeds a histogram that only grows:
// those of perf_hooks cannot be added up over threads, nor be read by two Prometheis.
import type { Clock } from '../../base/clock.ts'
import type { CounterFamily, HistogramFamily, Meter } from '../../base/metrics/meter.ts'

const DELAY: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_event_loop_delay_seconds',
  help: 'How late a thread got to a timer that was due, asked fifty times a second',
  labels: ['thread'],
  bounds: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
}

const ACTIVE: CounterFamily = {
  kind: 'counter',
  name: 'coffer_event_loop_active_seconds_total',
  help: 'How long a thread was busy instead of waiting',
  labels: ['thread'],
}

const INTERVAL_MS = 20

/** The thread is watched until the returned function is called. */
export function watchEventLoop(meter: Meter, thread: string, clock: Clock): () => void {
  const delay = meter.histogram(DELAY, { thread })
  meter.read([ACTIVE], () => {
    const { active } = performance.eventLoopUtilization()
    return [{ family: ACTIVE, labels: { thread }, value: active / 1000 }]
  })
  let lastMs = clock.monotonicMs()
  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs()
    delay.observe(Math.max(0, nowMs - lastMs - INTERVAL_MS) / 1000)
    lastMs = nowMs
  }, INTERVAL_MS).unref()
  return () => clearInterval(timer)
}
