import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** Where these writes may stand: the one place that derives them from events, and the stores that execute them. */
const allowed = [/^store\//u, /^journal\/record-events\.ts$/u, /\.(?:test|conformance)\.ts$/u]

/** The writes that follow from events. Written by hand, a row could differ from the fold of its journal. */
const derived = [
  'append',
  'insert_task',
  'insert_run',
  'save_run',
  'request_stop',
  'save_manifest',
  'save_keeping',
  'purge_contents',
  'move_ledger',
  'add_deliveries',
]

test('rows of tasks and runs, ledgers and deliveries are written by recordEvents and by nothing else', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(100)
  const write = new RegExp(`kind: '(?:${derived.join('|')})'`, 'u')
  const found = files.filter((name) => {
    if (allowed.some((pattern) => pattern.test(name))) return false
    const text = readFileSync(join(source, name), 'utf8')
    return write.test(text) || /import \{[^}]*\bappend\b[^}]*\} from '[^']*store\/commit\.ts'/u.test(text)
  })
  // The outbox makes the deliveries that recordEvents writes.
  expect(found).toEqual(['engine/webhooks/create-outbox.ts'])
})

test('the writes that this looks for are still those of a commit', () => {
  const commit = readFileSync(join(source, 'store/commit.ts'), 'utf8')
  expect(derived.filter((kind) => !commit.includes(`kind: '${kind}'`))).toEqual([])
})
