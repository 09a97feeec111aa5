// JSON as policies want it: no name twice in an object, for AWS and we might read it differently.
import { PolicyError } from './policy-error.ts'
import { POLICY_LIMITS } from './policy-limits.ts'

/** Strings whole, and what gives a JSON text its structure. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g

/**
 * The value of a JSON text whose size and depth are in bounds.
 * @throws PolicyError `TooLarge`, `NotJson`, `InvalidElement` for a name that an object has twice
 */
export function parsePolicyJson(text: string): unknown {
  const { sizeBytes } = POLICY_LIMITS
  if (Buffer.byteLength(text) > sizeBytes) {
    throw new PolicyError('TooLarge', `Policies must not be larger than ${sizeBytes} bytes.`)
  }
  const value = parseJson(text)
  assertStructure(text)
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const problem = cause instanceof Error ? `: ${cause.message}` : ''
    throw new PolicyError('NotJson', `This policy contains invalid Json${problem}.`, { cause })
  }
}

/** What is known to be JSON needs no second parser: names follow `{`, and `,` in an object. */
function assertStructure(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let isName = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (isName) addName(token, open.at(-1))
    if (open.length > POLICY_LIMITS.depth) {
      throw new PolicyError(
        'InvalidElement',
        `The policy is nested deeper than ${POLICY_LIMITS.depth}.`,
      )
    }
    isName = token === '{' || (token === ',' && open.at(-1) !== undefined)
  }
}

function addName(token: string, names: Set<string> | undefined): void {
  const name = String(JSON.parse(token))
  if (names?.has(name)) {
    throw new PolicyError('InvalidElement', `The policy has "${name}" twice in the same object.`)
  }
  names?.add(name)
}
