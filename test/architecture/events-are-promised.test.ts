import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** Where an append may stand: its definition, the stores that carry it out, and the one place that promises what it appends. */
const allowed = [/^store\//u, /^runner\/append-events\.ts$/u, /\.(?:test|conformance)\.ts$/u]

test('events are appended by appendEvents and nothing else, so that no delivery is forgotten', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(100)
  const appending = files.filter((name) => {
    if (allowed.some((pattern) => pattern.test(name))) return false
    const text = readFileSync(join(source, name), 'utf8')
    return /kind: 'append'/u.test(text) || /import \{[^}]*\bappend\b[^}]*\} from '[^']*store\/commit\.ts'/u.test(text)
  })
  expect(appending).toEqual([])
})
