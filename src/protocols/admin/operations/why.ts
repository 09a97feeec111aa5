import { findText, type JsonPlace, readEntries, readObject, readText } from '../../../base/json.ts'
import { ANONYMOUS, type Caller } from '../../../services/access/caller.ts'
import type { Directory } from '../../../services/access/directory/directory.ts'
import type { ConditionKeys, Resource } from '../../../services/access/question.ts'
import type { WhyAnswer } from '../contract.ts'
import { answerJson, readAccount, readJson } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'
import { timeKeys } from '../request-keys.ts'

/**
 * `POST /coffer/policy/why`: what would be decided, and what would decide it. Without a user it is
 * the root of the account that asks.
 */
export const why: AdminOperation = {
  name: 'ExplainDecision',
  method: 'POST',
  path: '/coffer/policy/why',
  async run(request, { directory, decide, clock }) {
    const { user, action, resource, keys } = readObject(await readJson(request), [
      'user',
      'action',
      'resource',
      'keys',
    ])
    const asked = readText(action)
    const decision: WhyAnswer = await decide({
      caller: await getCaller(directory, { account: readAccount(request), user: findText(user) }),
      action: asked,
      resource: {
        ...parseResource(readText(resource)),
        ...(WRITES_ANEW.has(asked) && { isNew: true }),
      },
      keys: new Map([...timeKeys(clock), ...readKeys(keys)]),
    })
    return answerJson(decision, request)
  },
}

/** What lies there now says nothing about what these write. */
const WRITES_ANEW: ReadonlySet<string> = new Set(['s3:CreateBucket', 's3:PutObject'])

type Asking = { readonly account: string; readonly user: string | undefined }

async function getCaller(directory: Directory, { account, user }: Asking): Promise<Caller> {
  if (user === ANONYMOUS.identity) return ANONYMOUS
  return directory.getCaller({ account, user })
}

/** `bucket`, `bucket/key`, or `*` for what is about no bucket. */
function parseResource(text: string): Resource {
  if (text === '*') return {}
  const slash = text.indexOf('/')
  if (slash === -1) return { bucket: text }
  return { bucket: text.slice(0, slash), key: text.slice(slash + 1) }
}

/** `{"s3:prefix": "logs/"}`. */
function readKeys(place: JsonPlace): ConditionKeys {
  return new Map(readEntries(place).map(([name, value]) => [name.toLowerCase(), [readText(value)]]))
}
