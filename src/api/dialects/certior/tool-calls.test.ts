import { expect, test } from 'vitest'
import type { Content, Digest } from '../../../domain/content.ts'
import type { EventFacts, EventKind, JournalEvent } from '../../../domain/event.ts'
import type { Store } from '../../../store/store.ts'
import { uuidOf } from './present-certificate.ts'
import { createToolCallFold } from './tool-calls.ts'

/** A store in which nothing is: contents are purged, statements and policies of somebody else. */
const emptyStore = {
  readContents: async () => new Map<Digest, Content>(),
  readStatement: async () => undefined,
  readPolicy: async () => undefined,
} as unknown as Store

/** The events of a journal, from its first on. */
function journal(...events: readonly { readonly kind: EventKind; readonly facts: object }[]): JournalEvent[] {
  return events.map(
    ({ kind, facts }, at) =>
      ({
        seq: at + 1,
        kind,
        run: 'r',
        attempt: 1,
        at: 1_700_000_000_000,
        facts,
        contents: {},
      }) as unknown as JournalEvent,
  )
}

const digest: Digest = `sha256:${'5a'.repeat(32)}`
const about = { step: 1, action: 'a' }
const requested: EventFacts['action.requested'] = { ...about, tool: 'tell', call: 'c' }
const allowed = { ...about, answer: 'allow', rules: ['capability'], reason: 'It may.' } as const
const settled = { ...about, outcome: 'settled', duration_ms: 7 } as const

test('a call whose certificate was revoked is blocked, and keeps the certificate’s id', async () => {
  const fold = createToolCallFold(emptyStore)
  await fold.take(
    journal(
      { kind: 'action.requested', facts: requested },
      { kind: 'action.decided', facts: { ...allowed, reserved_micros_usd: 0, statement: digest } },
      { kind: 'action.revoked', facts: { ...about, certificate: digest, by: 'ada' } },
      {
        kind: 'action.settled',
        facts: { ...settled, outcome: 'denied', cost_micros_usd: 0, released_micros_usd: 0, statement: digest },
      },
    ),
  )
  expect(fold.calls.get('a')).toMatchObject({
    verdict: 'blocked',
    violations: [{ category: 'revoked', severity: 'block' }],
    outcome: 'blocked',
    certificate_id: uuidOf(digest),
  })
})

test('a certificate’s id is a UUID of its digest', () => {
  expect(uuidOf(digest)).toBe('5a5a5a5a-5a5a-8a5a-9a5a-5a5a5a5a5a5a')
  expect(uuidOf(`sha256:${'f'.repeat(64)}`)).toBe('ffffffff-ffff-8fff-bfff-ffffffffffff')
})
