// Loaded into the recorded server before its own modules: notes the names that it makes and the
// folders that it syncs, and says in each answer how long the device's log was when it was given. A
// client sees answers later, when a flush that should have come first may have followed.
import * as fs from 'node:fs'
import { ServerResponse } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { POSITION_HEADER } from '../load/s3-calls.ts'
import { noteName, pathWithin } from './strict-names.ts'
import type { NameEvent } from './strict-names.ts'

type Done = (error: NodeJS.ErrnoException | null, ...values: never[]) => void
type Call = (...words: unknown[]) => void

const { POWER_WATCH_VOLUME = '', POWER_WATCH_DEVICE = '', POWER_WATCH_NAMES = '' } = process.env
const names = fs.openSync(POWER_WATCH_NAMES, 'a')
const device = fs.openSync(POWER_WATCH_DEVICE, 'r')
const statOf = fs.fstatSync
/** The paths of open folders, by descriptor. */
const folders = new Map<unknown, string>()
// The namespace of a module cannot be written to; the object that `require` gives can.
const patched: Record<string, Call> = createRequire(import.meta.url)('node:fs')

let calls = 0

function note(act: NameEvent['act'], path: string, call: number = 0): void {
  noteName(names, { act, path, call, position: statOf(device).size })
}

function wrap(name: string, watch: (words: readonly unknown[]) => Done | undefined): void {
  const original = patched[name]
  if (original === undefined) throw new Error(`node:fs has no ${name}`)
  patched[name] = (...words) => {
    const seen = watch(words)
    const done = words.pop()
    const answer = (...values: Parameters<Done>): void => {
      seen?.(...values)
      if (typeof done === 'function') done(...values)
    }
    original(...words, answer)
  }
}

function within(path: unknown): string | undefined {
  return typeof path === 'string' ? pathWithin(POWER_WATCH_VOLUME, path) : undefined
}

wrap('open', ([path, flags]) => {
  const name = within(path)
  if (name === undefined) return undefined
  return (error, fd) => {
    if (error !== null) return
    if (typeof flags === 'string' && flags.includes('x')) note('made', name)
    else folders.set(fd, name)
  }
})
wrap('mkdir', ([path]) => {
  const name = within(path)
  return (error) => {
    if (error === null && name !== undefined) note('made', name)
  }
})
wrap('fsync', ([fd]) => {
  const folder = folders.get(fd)
  if (folder === undefined) return undefined
  calls += 1
  const call = calls
  note('sync-began', folder, call)
  return (error) => {
    if (error === null) note('sync-ended', folder, call)
  }
})
wrap('close', ([fd]) => {
  folders.delete(fd)
  return undefined
})
syncBuiltinESMExports()

const writeHead: Call = Reflect.get<object, string>(ServerResponse.prototype, 'writeHead')
ServerResponse.prototype.writeHead = function writeHeadWithPosition(
  this: ServerResponse,
  ...words: unknown[]
): ServerResponse {
  this.setHeader(POSITION_HEADER, statOf(device).size)
  Reflect.apply(writeHead, this, words)
  return this
}
