// Everything that the embedded store measures of itself.
import type { CounterFamily, GaugeFamily, HistogramFamily } from '../../../base/metrics/meter.ts'

const SYNC_BOUNDS = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5,
]

export const GROUP_WRITES: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_group_commit_writes',
  help: 'How many writes shared one commit of the catalog',
  bounds: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
}

export const GROUP_DURATION: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_group_commit_duration_seconds',
  help: 'How long a commit decided its writes, and then wrote and synced them',
  labels: ['phase'],
  bounds: SYNC_BOUNDS,
}

export const BODY_SYNC_DURATION: HistogramFamily = {
  kind: 'histogram',
  name: 'coffer_body_sync_duration_seconds',
  help: 'How long one sync of a segment or of the file of a large body took',
  bounds: SYNC_BOUNDS,
}

export const BODY_WRITTEN: CounterFamily = {
  kind: 'counter',
  name: 'coffer_body_written_bytes_total',
  help: 'Bytes written to segments and files, also by compaction',
}

export const STORE_WRITABLE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_store_writable',
  help: '0 after a failed write or sync: every write is refused until a restart',
}

export const DISK_SIZE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_disk_size_bytes',
  help: 'Size of the file system that holds the folder',
}

export const DISK_FREE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_disk_free_bytes',
  help: 'What of it can still be written',
}

export const DISK_RESERVE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_disk_reserve_bytes',
  help: 'Free space below which new data is refused',
}

export const CATALOG_SIZE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_catalog_size_bytes',
  help: 'Size of the catalog, which holds names, metadata and small bodies',
}

export const SEGMENTS: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_segments',
  help: 'How many segments there are',
}

export const SEGMENTS_SIZE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_segments_size_bytes',
  help: 'Size of all segments',
}

export const SEGMENTS_LIVE: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_segments_live_bytes',
  help: 'What in the segments is still named; the rest waits for compaction',
}

export const COMPACTIONS: CounterFamily = {
  kind: 'counter',
  name: 'coffer_compactions_total',
  help: 'Compactions that came to their end, were stopped, or failed',
  labels: ['outcome'],
}

export const COMPACTION_MOVED: CounterFamily = {
  kind: 'counter',
  name: 'coffer_compaction_moved_bytes_total',
  help: 'Live bytes that compaction has moved to newer segments',
}

export const COMPACTION_FREED: CounterFamily = {
  kind: 'counter',
  name: 'coffer_compaction_freed_bytes_total',
  help: 'Space that compaction has given back to the disk',
}
