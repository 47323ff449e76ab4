import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

test('deltas reach readers of every transport through the relay with its gate, and by no other way', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(100)
  const listening = files.filter((name) => {
    return (
      !/\.(?:test|conformance)\.ts$/u.test(name) && /\blive\.listen\(/u.test(readFileSync(join(source, name), 'utf8'))
    )
  })
  expect(listening).toEqual(['api/stream/delta-relay.ts'])
})
