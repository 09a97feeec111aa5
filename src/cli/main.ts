#!/usr/bin/env node
// The guard goes first: an older Node must hear why, before it fails over something it cannot load.
// oxlint-disable-next-line import/no-unassigned-import
import './node-version.js'
// As a whole: an older Node stops at a name that it does not have, before the guard can speak.
import nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// The first answer comes in half the time. Not in the system's temporary folder, where other users
// could leave code for us; where there is no home, it is simply off.
nodeModule.enableCompileCache(join(homedir(), '.cache', 'coffer'))

const { runCommandLine } = await import('./command-line.ts')
await runCommandLine(process.argv)
