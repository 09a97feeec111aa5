#!/usr/bin/env node
// The guard goes first: an older Node must hear why, before it fails over something it cannot load.
// oxlint-disable-next-line import/no-unassigned-import
import './node-version.js'
// oxlint-disable-next-line import/no-unassigned-import
import './code-cache.js'

const { runCommandLine } = await import('./command-line.ts')
await runCommandLine(process.argv)
