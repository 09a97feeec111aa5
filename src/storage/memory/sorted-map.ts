import { compareUtf8 } from '../../base/utf8-order.ts'
import { partitionPoint } from './partition-point.ts'

/** A map that can be walked from any key on, in UTF-8 byte order: a Map beside its sorted keys. */
export class SortedMap<Value> {
  readonly #values = new Map<string, Value>()
  readonly #keys: string[] = []

  get size(): number {
    return this.#keys.length
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#placeOf(key), 0, key)
    this.#values.set(key, value)
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#placeOf(key), 1)
  }

  /** Keys and values from `key` on. The map must not change meanwhile. */
  *from(key: string): Generator<readonly [key: string, value: Value], void> {
    for (let place = this.#placeOf(key); place < this.#keys.length; place += 1) {
      const found = this.#keys[place] ?? ''
      const value = this.#values.get(found)
      if (value !== undefined) yield [found, value]
    }
  }

  #placeOf(key: string): number {
    return partitionPoint(this.#keys, (other) => compareUtf8(other, key) < 0)
  }
}
