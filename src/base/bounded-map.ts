/** A map that forgets what was used longest ago when it is full. */
export type BoundedMap<Key, Value> = {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  clear(): void
}

/** An empty map for so many entries. */
export function createBoundedMap<Key, Value>(sizeMax: number): BoundedMap<Key, Value> {
  // A map keeps the order in which keys were added: the first is the one used longest ago.
  const entries = new Map<Key, Value>()
  const put = (key: Key, value: Value): void => {
    entries.delete(key)
    entries.set(key, value)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set(key, value) {
      put(key, value)
      for (const oldest of entries.keys()) {
        if (entries.size <= sizeMax) return
        entries.delete(oldest)
      }
    },
    clear: () => entries.clear(),
  }
}
