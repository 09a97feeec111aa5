// Tags of users, which conditions of policies see as `aws:PrincipalTag/…`.
import type { Pairs } from '../../../storage/object-version.ts'
import { AccessError } from './access-error.ts'
import { TAGS_PER_USER_MAX } from './limits.ts'

/** @see IAM API Reference, Tag */
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

/** @throws AccessError `InvalidName`, `LimitExceeded` */
export function assertTags(tags: Pairs): void {
  if (tags.length > TAGS_PER_USER_MAX) {
    throw new AccessError('LimitExceeded', `A user has ${TAGS_PER_USER_MAX} tags at most.`)
  }
  if (new Set(tags.map(([name]) => name)).size < tags.length) {
    throw new AccessError('InvalidName', 'A tag is given twice.')
  }
  for (const [name, value] of tags) {
    if (KEY.test(name) && VALUE.test(value)) continue
    throw new AccessError(
      'InvalidName',
      `"${name}" = "${value}" is no tag: letters, digits, spaces and _.:/=+-@, 128 for the name and ` +
        '256 for the value.',
    )
  }
}

export function renderTags(tags: Pairs): string {
  return JSON.stringify(tags)
}

/** What `renderTags` wrote. */
export function parseTags(text: string): Pairs {
  const tags: Pairs = JSON.parse(text)
  return tags
}
