import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventOf, JournalEvent } from '../domain/event.ts'
import { digestEvent, eventsRoot, rootOfDigests } from './event-digest.ts'
import { leafHash, treeHash } from './merkle.ts'

const claimed: EventOf<'run.claimed'> = {
  seq: 4,
  kind: 'run.claimed',
  run: 'run-1',
  attempt: 1,
  at: 1_760_000_000_000,
  facts: { attempt: 1 },
  contents: { b: `sha256:${'b'.repeat(64)}`, a: `sha256:${'a'.repeat(64)}` },
}

const events: fc.Arbitrary<JournalEvent[]> = fc
  .array(fc.record({ attempt: fc.nat(), at: fc.nat(), run: fc.uuid() }), { maxLength: 20 })
  .map((rows) =>
    rows.map(({ attempt, at, run }, i) => ({ ...claimed, seq: i + 1, at, run, attempt, facts: { attempt } })),
  )

test('the digest of an event is over its envelope with the task, names sorted', () => {
  const text =
    `{"at":1760000000000,"attempt":1,"contents":{"a":"sha256:${'a'.repeat(64)}","b":"sha256:${'b'.repeat(64)}"},` +
    '"facts":{"attempt":1},"kind":"run.claimed","run":"run-1","seq":4,"task":"task-1"}'
  expect(digestEvent('task-1', claimed)).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`)
})

test('an event has the same digest after it was kept as JSON, and whatever else a row holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary' })), (metadata) => {
      const event = { ...claimed, facts: { attempt: 1, metadata, absent: undefined }, more: 1 }
      const kept: JournalEvent = JSON.parse(JSON.stringify(event))
      expect(digestEvent('task-1', kept)).toBe(digestEvent('task-1', event))
    }),
  )
})

test('a change of anything in the envelope is another digest', () => {
  const digests = [
    digestEvent('task-1', claimed),
    digestEvent('task-2', claimed),
    digestEvent('task-1', { ...claimed, seq: 5 }),
    digestEvent('task-1', { ...claimed, run: 'run-2' }),
    digestEvent('task-1', { ...claimed, run: null }),
    digestEvent('task-1', { ...claimed, attempt: 2 }),
    digestEvent('task-1', { ...claimed, at: 1 }),
    digestEvent('task-1', { ...claimed, facts: { attempt: 2 } }),
    digestEvent('task-1', { ...claimed, contents: {} }),
    digestEvent('task-1', { ...claimed, kind: 'run.paused', facts: {} }),
  ]
  expect(new Set(digests).size).toBe(digests.length)
})

test('the root is the tree hash whose leaves hold the bytes of the digests', () => {
  fc.assert(
    fc.property(events, (all) => {
      const digests = all.map((event) => digestEvent('task-1', event))
      const leaves = digests.map((digest) => leafHash(Buffer.from(digest.slice(7), 'hex')))
      expect(eventsRoot('task-1', all)).toBe(`sha256:${treeHash(leaves)}`)
      expect(rootOfDigests(digests)).toBe(eventsRoot('task-1', all))
    }),
  )
})

test('an event that is dropped, doubled or moved is another root', () => {
  fc.assert(
    fc.property(events, fc.nat(), (all, n) => {
      fc.pre(all.length > 1)
      const root = eventsRoot('task-1', all)
      const at = n % (all.length - 1)
      const [event, next] = [all[at], all[at + 1]]
      if (event === undefined || next === undefined) throw new Error('There are two.')
      expect(eventsRoot('task-1', all.toSpliced(at, 1))).not.toBe(root)
      expect(eventsRoot('task-1', all.toSpliced(at, 0, event))).not.toBe(root)
      expect(eventsRoot('task-1', all.toSpliced(at, 2, next, event))).not.toBe(root)
    }),
  )
})
