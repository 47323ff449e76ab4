import { expect, test } from 'vitest'
import { sampleDigest, sampleEvent, sampleFacts } from '../../test/support/sample-facts.ts'
import { type EventKind, eventKinds } from './event.ts'
import { shownEvents } from './private-facts.ts'

/** The facts that readers with shared access do not see, written out a second time. */
const hidden: Partial<Record<EventKind, readonly string[]>> = {
  'task.submitted': ['owner', 'submitted_by', 'team', 'webhook'],
  'action.revoked': ['by'],
  'task.purged': ['by'],
  'task.hold_placed': ['by', 'reason'],
  'task.hold_lifted': ['by'],
  'prompt.answered': ['by'],
  'prompt.rejected': ['by'],
  'run.cancelled': ['by'],
}

test.each(eventKinds)('of %s shared readers see every fact but those about people, webhooks and holds', (kind) => {
  const [shown] = shownEvents([sampleEvent(kind)], 'shared')
  const gone = Object.keys(sampleFacts[kind]).filter((name) => !Object.hasOwn(shown?.facts ?? {}, name))
  expect(gone.sort()).toEqual(hidden[kind] ?? [])
})

test('shared readers see the configuration of a run without the user that it acts for', () => {
  const { principal: _hidden, ...config } = sampleFacts['run.queued'].config
  const [shown] = shownEvents([sampleEvent('run.queued')], 'shared')
  expect(shown?.facts).toStrictEqual({ ...sampleFacts['run.queued'], config })
})

test('shared readers see every content but the inputs of decisions, and the rest of the event as it is', () => {
  const event = sampleEvent('action.decided', { contents: { inputs: sampleDigest(1), arguments: sampleDigest(2) } })
  expect(shownEvents([event], 'shared')).toStrictEqual([{ ...event, contents: { arguments: sampleDigest(2) } }])
})

test('readers with full access see the events themselves', () => {
  const events = eventKinds.map((kind) => sampleEvent(kind))
  expect(shownEvents(events, 'full')).toBe(events)
})
