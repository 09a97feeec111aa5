/**
 * Why tests of the suite fail, by the name of the test. A test without a reason shows what it said;
 * a reason hides nothing, and `npm run conformance` names those whose test passes by now.
 */
export const REASONS: Readonly<Record<string, string>> = {}
