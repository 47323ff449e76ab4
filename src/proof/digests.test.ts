import { createHash, hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permitAll, sampleDocument } from '../../test/support/sample-inputs.ts'
import type { EventOf, JournalEvent } from '../domain/event.ts'
import type { PolicyDocument } from '../domain/policy.ts'
import { contentOf, digestEvent, digestPolicy, eventsRoot, rootOfDigests } from './digests.ts'
import { leafHash, treeHash } from './merkle.ts'

const salt = 'ab'.repeat(16)

test('the body of a text is what its bytes say, and the digest is that of the bytes', () => {
  const content = contentOf(salt, 'a\ud800b\u{1f600}', 'text/plain')
  expect(content.body).toBe('a\ufffdb\u{1f600}')
  expect(content.digest).toBe(contentOf(salt, 'a\ufffdb\u{1f600}', 'text/plain').digest)
})

test('bytes stay as they are', () => {
  const bytes = new Uint8Array([0xed, 0xa0, 0x80])
  expect(contentOf(salt, bytes, 'application/jose', true).body).toBe(bytes)
})

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

test('the digest is over the canonical bytes of both texts, in whatever order the document was written', () => {
  const document = sampleDocument()
  const digest = digestPolicy({ document, cedar: permitAll })
  // As PolicyDocument has no other members, their order is all that can differ.
  const turned = Object.fromEntries(Object.entries(document).reverse()) as unknown as PolicyDocument
  expect(digestPolicy({ document: turned, cedar: permitAll })).toBe(digest)
  expect(digestPolicy({ document, cedar: `${permitAll} ` })).not.toBe(digest)
  expect(digestPolicy({ document: { ...document, retention_days: 31 }, cedar: permitAll })).not.toBe(digest)
})

test('it is what anybody computes from the bytes', () => {
  const document = { b: 1, a: 'é' } as unknown as PolicyDocument
  const bytes = '{"cedar":"x","document":{"a":"é","b":1}}'
  expect(digestPolicy({ document, cedar: 'x' })).toBe(`sha256:${hash('sha256', bytes, 'hex')}`)
})
