/** docs/s3-compatibility.md: the table that S3's dispatch ends in, as a page. */
import type { OperationShape } from '../../src/protocols/s3/operation.ts'
import { OPERATIONS } from '../../src/protocols/s3/operations.ts'

export const COMPATIBILITY_PAGE = 'docs/s3-compatibility.md'

/** The page's text, in the order of the alphabet. */
export function renderCompatibilityPage(): string {
  const rows = OPERATIONS.flatMap(renderRows).toSorted()
  const counts = (['yes', 'partly', 'no'] as const).map(
    (support) => rows.filter((row) => row.includes(`| ${support} |`)).length,
  )
  return `# S3 operations

Generated from src/protocols/s3/operations.ts by \`npm run docs\`; do not edit.

Every operation of S3, and whether Coffer carries it out: ${counts[0]} yes, ${counts[1]} partly, \
${counts[2]} no. Nothing is
accepted that is not carried out.

- **partly**: asked for a setting that Coffer does not carry out yet, it says that nothing is
  configured, as AWS does for a bucket without; to delete it succeeds or finds nothing. Where a part
  of an operation is refused, the answer is \`501 NotImplemented\`.
- **no**: \`501 NotImplemented\`, to those who would be allowed. It never falls through to a plainer
  operation: \`PUT /bucket/key?encryption\` does not overwrite the object.

A method that AWS does not have for a sub-resource gets \`405 MethodNotAllowed\`. A test walks every
method with every sub-resource that AWS has. Left out are ListDirectoryBuckets and
WriteGetObjectResponse, which AWS serves at addresses of their own.

| operation | | method | on | selected by |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function renderRows(shape: OperationShape): readonly string[] {
  const { name, method, on, selectors, includes = [], support = 'yes' } = shape
  const selected = selectors.map((selector) => `\`${selector}\``).join(', ')
  return [name, ...includes].map(
    (each) => `| ${each} | ${support} | ${method} | ${on} | ${selected} |`,
  )
}
