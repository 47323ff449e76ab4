#!/usr/bin/env node
// Plain JavaScript of many years ago, without an import that an older Node would look for before anything runs: the version
// is checked first, so that a Node that is too old ends in a sentence. package.json says the same under "engines".
const oldest = [24, 15]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `Mandate needs Node ${oldest.join('.')} or newer; this is v${process.versions.node}. ` +
      'npm brings its own: run "npm ci", then "npm start" or "npm run -s mandate -- --help".',
  )
  process.exit(64)
}
const { enableCompileCache } = await import('node:module')
enableCompileCache()
await import('../src/main/mandate.ts')
