/** Tests with a command-line client, each run as a user types it. */
import { test } from 'node:test'
import { findClient } from '../find-client.ts'
import { runProgram, type ProgramOptions } from '../run-program.ts'

/** What the command printed. @throws with all that it said, when it failed */
export type CommandLine = (...given: readonly string[]) => Promise<string>

export type Tool = ProgramOptions & {
  readonly name: string
  /** Where the program lies. @throws when it is neither there nor can be had */
  readonly open: () => Promise<string>
  /** Given before everything else: where the server is, and the keys. */
  readonly given?: readonly string[]
}

export type ToolTest = (title: string, body: (run: CommandLine) => Promise<void>) => void

/** What declares tests with the tool; without it they fail in CI, and are skipped elsewhere. */
export function createToolTest({ name, open, given = [], ...options }: Tool): ToolTest {
  return (title, body) => {
    test(title, async (context) => {
      const program = await findClient(context, { name, open })
      if (program === undefined) return
      await body((...more) => runProgram([program, ...given, ...more], options))
    })
  }
}
