#!/usr/bin/env node
// Plain JavaScript: an older Node cannot even load a .ts entry, so the version is checked before anything else.
import { enableCompileCache } from 'node:module'

const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`Mandate needs Node 24; this is ${process.version}. Run "npm ci", then "npm start".`)
  process.exit(64)
}
enableCompileCache()
await import('../src/main/mandate.ts')
