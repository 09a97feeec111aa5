// Plain JavaScript, because whatever is loaded before the cache is on is compiled at every start,
// and TypeScript takes 20 MB to read: `npm start` loads this file before main.ts.
// As a whole: an older Node stops at a name that it does not have, before the guard can speak.
import nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// The first answer comes in half the time. Not in the system's temporary folder, where other users
// could leave code for us; where there is no home, it is simply off.
nodeModule.enableCompileCache(join(homedir(), '.cache', 'coffer'))
