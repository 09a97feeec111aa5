// ext4 makes the name of a new file durable together with the file, which POSIX does not promise: a
// folder that is never synced would lose nothing there. So the recorded server notes which names it
// made and which folders it synced, and a cut takes away every name whose folder was not synced
// after it. Only calls of node:fs are seen.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** Something that happened to a name, in the order in which it happened. */
export type NameEvent = {
  readonly act: 'made' | 'sync-began' | 'sync-ended'
  /** Of what was made, or of the folder; within the volume. */
  readonly path: string
  /** Tells the sync that ended by the one that began; several may be under way on one folder. */
  readonly call: number
  /** The length of the device's log then. */
  readonly position: number
}

/** Appends an event; a reader sees whole lines. */
export function noteName(log: number, event: NameEvent): void {
  writeSync(log, `${JSON.stringify(event)}\n`)
}

export function readNames(path: string): readonly NameEvent[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.filter((line) => line !== '').map((line): NameEvent => JSON.parse(line))
}

/** An empty log of names; its path. */
export function createNamesLog(folder: string): string {
  const path = join(folder, 'names')
  closeSync(openSync(path, 'w'))
  return path
}

/**
 * The names that a power cut at `position` may take away: no sync of their folder began after them
 * and ended before it.
 */
export function namesAtRisk(events: readonly NameEvent[], position: number): readonly string[] {
  const atRisk = new Set<string>()
  const covered = new Map<number, readonly string[]>()
  for (const event of events.filter((one) => one.position <= position)) {
    if (event.act === 'made') atRisk.add(event.path)
    if (event.act === 'sync-began') covered.set(event.call, childrenOf(event.path, atRisk))
    if (event.act !== 'sync-ended') continue
    for (const path of covered.get(event.call) ?? []) atRisk.delete(path)
  }
  return [...atRisk]
}

/** Takes those names from a mounted cut. */
export async function loseNames(
  volume: string,
  { events, position }: { readonly events: readonly NameEvent[]; readonly position: number },
): Promise<void> {
  for (const path of namesAtRisk(events, position)) {
    await rm(join(volume, path), { recursive: true, force: true })
  }
}

/** Within the volume, or undefined for what lies outside it. */
export function pathWithin(volume: string, path: string): string | undefined {
  const within = relative(volume, path)
  return within.startsWith('..') ? undefined : within
}

function childrenOf(folder: string, paths: ReadonlySet<string>): string[] {
  return [...paths].filter((path) => (dirname(path) === '.' ? '' : dirname(path)) === folder)
}
