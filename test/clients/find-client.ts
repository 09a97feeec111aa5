/** A client that is missing is an error in CI, and elsewhere a skip that names it. */
import type { TestContext } from 'node:test'

/** What `open` gives; undefined after the test was skipped because it gave nothing. */
export async function findClient<Client>(
  context: TestContext,
  { name, open }: { readonly name: string; readonly open: () => Promise<Client> },
): Promise<Client | undefined> {
  try {
    return await open()
  } catch (cause) {
    if (process.env['CI'] === 'true') throw new Error(`${name} is missing.`, { cause })
    context.skip(`${name} is missing here, CI has it: ${String(cause)}`)
    return undefined
  }
}
