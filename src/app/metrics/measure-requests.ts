// What every request costs here is a few additions: maps by operation and code, no strings made.
import type {
  Counter,
  CounterFamily,
  Histogram,
  HistogramFamily,
  Meter,
} from '../../base/metrics/meter.ts'
import type { AnsweredRequest, RequestFacts } from '../../protocols/http/response.ts'
import { AUTHENTICATION_ANSWERS } from '../../protocols/s3/errors/authentication-answers.ts'

const REQUESTS: CounterFamily = {
  kind: 'counter',
  name: 'coffer_requests_total',
  help: 'Requests that were answered, by operation and class of status',
  labels: ['operation', 'status'],
}

const DURATION: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_request_duration_seconds',
  help: 'From the head of a request to the last byte of its answer, the client included',
  labels: ['operation'],
  bounds: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
}

const RECEIVED: CounterFamily = {
  kind: 'counter',
  name: 'coffer_received_bytes_total',
  help: 'Bytes of bodies that were taken in',
  labels: ['operation'],
}

const SENT: CounterFamily = {
  kind: 'counter',
  name: 'coffer_sent_bytes_total',
  help: 'Bytes of bodies that were sent',
  labels: ['operation'],
}

const ERRORS: CounterFamily = {
  kind: 'counter',
  name: 'coffer_request_errors_total',
  help: 'Answers that say an error, by its code in docs/errors.md',
  labels: ['code'],
}

const REFUSALS: CounterFamily = {
  kind: 'counter',
  name: 'coffer_access_refusals_total',
  help: 'Requests that did not prove who sent them, or whose sender may not',
  labels: ['kind'],
}

const CUT_OFF: CounterFamily = {
  kind: 'counter',
  name: 'coffer_requests_cut_off_total',
  help: 'Requests whose client did not get the whole answer',
}

/** What no operation was found for. */
const NO_OPERATION = 'Other'
/** What alerts are about is there from the start: a rate sees no rise in what has just appeared. */
const ALARMING_CODES = ['InternalError', 'Damaged', 'StorageFull', 'FeedFull', 'ServerBusy']
const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const
const NO_FACTS: RequestFacts = {}

type OperationMeters = {
  readonly answers: readonly Counter[]
  readonly duration: Histogram
  readonly received: Counter
  readonly sent: Counter
}

/** Every request is counted when it is over; what is called with it never throws. */
export function measureRequests(meter: Meter): (answered: AnsweredRequest) => void {
  const operations = new Map<string, OperationMeters>()
  const errors = new Map<string, Counter>()
  const openOperation = (operation: string): OperationMeters => {
    const opened = {
      answers: STATUS_CLASSES.map((status) => meter.counter(REQUESTS, { operation, status })),
      duration: meter.histogram(DURATION, { operation }),
      received: meter.counter(RECEIVED, { operation }),
      sent: meter.counter(SENT, { operation }),
    }
    operations.set(operation, opened)
    return opened
  }
  const openError = (code: string): Counter => {
    const opened = meter.counter(ERRORS, { code })
    errors.set(code, opened)
    return opened
  }
  openOperation(NO_OPERATION)
  const cutOff = meter.counter(CUT_OFF)
  for (const code of ALARMING_CODES) openError(code)
  const countRefusal = countRefusals(meter)
  return ({ response, receivedBytes, sentBytes, complete, durationMs }) => {
    const { operation = NO_OPERATION, errorCode } = response.logFields ?? NO_FACTS
    const meters = operations.get(operation) ?? openOperation(operation)
    meters.answers[Math.trunc(response.status / 100) - 1]?.add(1)
    meters.duration.observe(durationMs / 1000)
    meters.received.add(receivedBytes)
    meters.sent.add(sentBytes)
    if (!complete) cutOff.add(1)
    if (errorCode === undefined) return
    const errorMeter = errors.get(errorCode) ?? openError(errorCode)
    errorMeter.add(1)
    countRefusal(errorCode)
  }
}

function countRefusals(meter: Meter): (errorCode: string) => void {
  const authentication = meter.counter(REFUSALS, { kind: 'authentication' })
  const authorization = meter.counter(REFUSALS, { kind: 'authorization' })
  return (errorCode) => {
    if (errorCode === 'AccessDenied') authorization.add(1)
    else if (errorCode in AUTHENTICATION_ANSWERS) authentication.add(1)
  }
}
