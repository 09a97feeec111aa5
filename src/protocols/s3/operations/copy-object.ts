import { assertCopyCondition } from '../../../storage/condition.ts'
import type { CopyOptions, NewVersion } from '../../../storage/object-store.ts'
import type { ContentHeaders, ObjectVersion } from '../../../storage/object-version.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findHeader } from '../../http/request.ts'
import { keysOfTags } from '../access/written-keys.ts'
import { assertAllowed, writeAccess } from '../admit.ts'
import { newVersionHeaders, renderEtag, renderModified, xmlAnswer } from '../answer.ts'
import { parseAlgorithm, renderChecksum } from '../checksums.ts'
import { parseWriteCondition } from '../conditions.ts'
import { assertCopySize, copyAccess, findCopySource, type FoundSource } from '../copy-source.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { objectName } from '../named.ts'
import { readNewVersion } from '../new-version.ts'
import {
  changeOptions,
  onNewObject,
  onObject,
  type S3Operation,
  type S3Request,
} from '../operation.ts'

/** @see S3 API Reference, CopyObject */
export const copyObject: S3Operation = {
  name: 'CopyObject',
  method: 'PUT',
  on: 'object',
  selectors: ['x-amz-copy-source'],

  access: (call) => [copyAccess(call), ...writeAccess(call)],

  async run(request, storage) {
    const source = await findCopySource(request, storage)
    const options = parseCopyOptions(request, {
      source,
      newVersion: await readNewVersion(request, storage),
    })
    await assertMayCopyTags(request, source)
    assertCopySize(source.version.size)
    assertChange(request, source)
    const version = needsNewChecksum(request, source)
      ? await copyBytes(request, { source, options, storage })
      : await storage.objects.copy(source.name, objectName(request), options)
    return xmlAnswer(
      'CopyObjectResult',
      [
        renderModified(version.modifiedAt),
        renderEtag(version.etag),
        ...renderChecksum(version.checksum),
      ],
      { ...source.headers, ...newVersionHeaders(version) },
    )
  },
}

function parseCopyOptions(
  request: S3Request,
  { source, newVersion }: { readonly source: FoundSource; readonly newVersion: NewVersion },
): CopyOptions {
  const { headers, metadata, tags, ...rest } = newVersion
  const condition = parseWriteCondition(request.headers)
  return {
    ...changeOptions(request),
    ...rest,
    ...(isReplacing(request, 'x-amz-metadata-directive')
      ? { headers, metadata }
      : { headers: keptHeaders(source.version.headers, headers.websiteRedirectLocation) }),
    ...(isReplacing(request, 'x-amz-tagging-directive') && { tags }),
    ...(condition && { condition }),
  }
}

/** Tags that go along are read and written like any others. */
async function assertMayCopyTags(
  request: S3Request,
  { asked, name, version }: FoundSource,
): Promise<void> {
  if (version.tags.length === 0 || isReplacing(request, 'x-amz-tagging-directive')) return
  const get = asked.versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging'
  await assertAllowed(request, onObject(get, name))
  const keys = keysOfTags(version.tags)
  await assertAllowed(request, { ...onNewObject('s3:PutObjectTagging', request), keys })
}

/** Of all headers a redirect alone stays behind, unless the request names a new one. */
function keptHeaders(headers: ContentHeaders, redirect: string | undefined): ContentHeaders {
  const { websiteRedirectLocation: _, ...kept } = headers
  return { ...kept, ...(redirect !== undefined && { websiteRedirectLocation: redirect }) }
}

function isReplacing(
  { headers }: S3Request,
  name: 'x-amz-metadata-directive' | 'x-amz-tagging-directive',
): boolean {
  const directive = findHeader(headers, name) ?? 'COPY'
  if (directive === 'COPY') return false
  if (directive === 'REPLACE') return true
  const what = name === 'x-amz-metadata-directive' ? 'metadata' : 'tagging'
  throw invalidArgument(`Unknown ${what} directive.`, { name, value: directive })
}

/** A copy onto itself must change something; an older version may always become the newest. */
function assertChange(request: S3Request, { name, asked }: FoundSource): void {
  const isItself = name.bucket === request.bucket && name.key === request.key
  if (!isItself || asked.versionId !== undefined) return
  if (isReplacing(request, 'x-amz-metadata-directive')) return
  const changing = [
    'x-amz-storage-class',
    'x-amz-website-redirect-location',
    'x-amz-checksum-algorithm',
  ]
  if (changing.some((header) => request.headers[header] !== undefined)) return
  throw new S3Error('InvalidRequest', {
    message:
      'This copy request is illegal because it is trying to copy an object to itself without ' +
      "changing the object's metadata, storage class, website redirect location or encryption " +
      'attributes.',
  })
}

function needsNewChecksum({ headers }: S3Request, { version }: FoundSource): boolean {
  const wanted = findHeader(headers, 'x-amz-checksum-algorithm')
  if (wanted === undefined) return false
  const { checksum } = version
  return checksum?.algorithm !== parseAlgorithm(wanted) || checksum.type !== 'full-object'
}

type ByteCopy = {
  readonly source: FoundSource
  readonly options: CopyOptions
  readonly storage: Storage
}

/** Reads the source to compute a checksum that it does not have. */
async function copyBytes(
  request: S3Request,
  { source, options, storage }: ByteCopy,
): Promise<ObjectVersion> {
  const algorithm = parseAlgorithm(findHeader(request.headers, 'x-amz-checksum-algorithm') ?? '')
  const { version, bytes } = await storage.objects.get(source.name, {})
  try {
    assertCopyCondition(source.name.condition, version)
    const incoming = { bytes, size: version.size, checksum: { algorithm } }
    return await storage.objects.put(objectName(request), incoming, {
      ...options,
      headers: options.headers ?? version.headers,
      metadata: options.metadata ?? version.metadata,
      tags: options.tags ?? version.tags,
    })
  } finally {
    await bytes.return()
  }
}
