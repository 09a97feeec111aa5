// Plain JavaScript, because a Node that is too old cannot read the TypeScript beside it: this file
// is loaded before anything else and turns such a Node away with a sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(
    `Coffer needs Node 24.7 or newer, but this is ${process.version}. Install a newer Node, ` +
      'or start Coffer by "npm start" after a plain "npm ci", which brings one along.\n',
  )
  process.exit(1)
}
