/** docs/s3-compatibility.md: the table that S3's dispatch ends in, as a page. */
import type { OperationShape } from '../../src/protocols/s3/operation.ts'
import { NOT_IMPLEMENTED, OPERATIONS } from '../../src/protocols/s3/operations.ts'

export const COMPATIBILITY_PAGE = 'docs/s3-compatibility.md'

/** The page's text, in the order of the alphabet. */
export function renderCompatibilityPage(): string {
  return `# S3 operations

Generated from src/protocols/s3/operations.ts by \`npm run docs\`; do not edit.

Requests are path style and signed by Signature Version 4, in the header or in the URL. Buckets are
private; there are no ACLs. A test walks every method with every sub-resource that AWS has.

## Answered

${renderTable(OPERATIONS)}

## Not yet

A request for one of these gets \`501 NotImplemented\`. It never falls through to a plainer
operation: \`DELETE /bucket?analytics\` does not delete the bucket.

${renderTable(NOT_IMPLEMENTED)}
`
}

function renderTable(shapes: readonly OperationShape[]): string {
  const rows = shapes
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, method, on, selectors }) => {
      const selected = selectors.map((selector) => `\`${selector}\``).join(', ')
      return `| ${name} | ${method} | ${on} | ${selected} |`
    })
  return ['| operation | method | on | selected by |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}
