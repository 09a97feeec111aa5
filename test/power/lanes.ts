/** Runs the jobs, at most so many at once; the results come in the order of the jobs. */
export async function inLanes<Result>(
  lanes: number,
  jobs: readonly (() => Promise<Result>)[],
): Promise<readonly Result[]> {
  const results: Result[] = []
  const queue = jobs.entries()
  const work = async (): Promise<void> => {
    for (const [place, job] of queue) results[place] = await job()
  }
  await Promise.all(Array.from({ length: lanes }, work))
  return results
}
