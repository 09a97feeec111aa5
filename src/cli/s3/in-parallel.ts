/**
 * Work on everything that comes, on a few at once. What comes is asked for no earlier than somebody
 * is free for it. After a failure nothing new is begun; it is thrown when all have stopped.
 */
export async function inParallel<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = iterate(items)
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = await iterator.next()
      if (next.done === true) return
      await work(next.value)
    }
  }
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error: unknown) => void failures.push(error)),
  )
  await Promise.all(workers)
  await iterator.return(undefined)
  if (failures.length > 0) throw failures[0]
}

async function* iterate<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
): AsyncGenerator<Item, undefined> {
  yield* items
}
