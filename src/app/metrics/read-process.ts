// What the process as a whole uses; given by one of its threads.
import { readdir, readFile } from 'node:fs/promises'
import type { CounterFamily, GaugeFamily, Meter, Reading } from '../../base/metrics/meter.ts'

const BUILD: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_build_info',
  help: 'Always 1; its labels say what runs',
  labels: ['version', 'node'],
}

const STARTED: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_process_start_time_seconds',
  help: 'When the process was started, in seconds since 1970',
}

const CPU: CounterFamily = {
  kind: 'counter',
  name: 'coffer_process_cpu_seconds_total',
  help: 'Processor time of all threads',
  labels: ['mode'],
}

const RESIDENT: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_process_resident_memory_bytes',
  help: 'Memory in use, with the pages of files that the system can take back',
}

const ANONYMOUS: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_process_anonymous_memory_bytes',
  help: 'Memory in use that no other process has: RssAnon; where Linux does not tell, all of it',
}

const DESCRIPTORS: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_process_open_descriptors',
  help: 'Open files and sockets',
}

const DESCRIPTORS_MAX: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_process_max_descriptors',
  help: 'How many files and sockets the system allows to be open',
}

export type ProcessFacts = { readonly version: string; readonly startedAt: Date }

/** Each scrape sees what the process uses then. */
export function readProcess(meter: Meter, { version, startedAt }: ProcessFacts): void {
  meter.read([BUILD, STARTED, CPU], () => {
    const { user, system } = process.cpuUsage()
    return [
      { family: BUILD, labels: { version, node: process.versions.node }, value: 1 },
      { family: STARTED, value: startedAt.getTime() / 1000 },
      { family: CPU, labels: { mode: 'user' }, value: user / 1e6 },
      { family: CPU, labels: { mode: 'system' }, value: system / 1e6 },
    ]
  })
  meter.read([RESIDENT, ANONYMOUS], async () => {
    const residentBytes = process.memoryUsage.rss()
    return [
      { family: RESIDENT, value: residentBytes },
      { family: ANONYMOUS, value: (await findAnonymousBytes()) ?? residentBytes },
    ]
  })
  meter.read([DESCRIPTORS, DESCRIPTORS_MAX], readDescriptors)
}

async function findAnonymousBytes(): Promise<number | undefined> {
  const status = await readIfThere('/proc/self/status')
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(status) ?? []
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

async function readDescriptors(): Promise<readonly Reading[]> {
  const open = await readdir('/proc/self/fd').catch(() => undefined)
  const limits = await readIfThere('/proc/self/limits')
  const [, max] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
  return [
    ...(open === undefined ? [] : [{ family: DESCRIPTORS, value: open.length }]),
    ...(max === undefined ? [] : [{ family: DESCRIPTORS_MAX, value: Number(max) }]),
  ]
}

function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
