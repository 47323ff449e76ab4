import { describe, expect, test } from 'vitest'
import { sampleTask } from '../../test/support/sample-tasks.ts'
import { sampleEndpoint } from '../../test/support/sample-webhooks.ts'
import { retryAfterMsOf } from './durations.ts'
import { concerns, isEventPattern, signedText, targetOf, wantsEvent, webhookTypeOf } from './webhook.ts'

describe('a pattern', () => {
  test.each([
    ['*', 'run.failed', true],
    ['run.*', 'run.failed', true],
    ['run.failed', 'run.failed', true],
    ['run.failed', 'run.succeeded', false],
    ['run.*', 'attempt.lost', false],
    ['r*', 'run.failed', false],
    ['run.', 'run.failed', false],
    ['prompt.settled', 'prompt.answered', true],
    ['prompt.settled', 'prompt.expired', true],
    ['prompt.settled', 'prompt.withdrawn', true],
    ['prompt.settled', 'prompt.opened', false],
    ['prompt.settled', 'prompt.rejected', false],
    ['prompt.answered', 'prompt.expired', false],
    ['prompt.*', 'prompt.expired', true],
  ] as const)('%s wants %s: %s', (pattern, kind, wanted) => {
    expect(wantsEvent([pattern], kind)).toBe(wanted)
  })

  test('names at least one kind of event', () => {
    expect(['*', 'run.*', 'task.submitted', 'prompt.settled'].filter(isEventPattern)).toHaveLength(4)
    expect(['', 'run', 'runs.*', 'run.done', '**', 'text.delta'].filter(isEventPattern)).toEqual([])
  })
})

test('whatever settles a prompt is delivered as one type, and any other event under its kind', () => {
  const kinds = ['prompt.answered', 'prompt.expired', 'prompt.withdrawn', 'prompt.opened', 'prompt.rejected'] as const
  const settled = ['prompt.settled', 'prompt.settled', 'prompt.settled']
  expect(kinds.map(webhookTypeOf)).toEqual([...settled, 'prompt.opened', 'prompt.rejected'])
})

describe('a subscription', () => {
  const { task } = sampleTask({ ownerId: 'owner-1', agentId: 'agent-1', teamId: 'team-1' })

  test('is for the tasks of its owner, of one agent where it says so, while it is active', () => {
    expect(concerns(sampleEndpoint(), task)).toBe(true)
    expect(concerns(sampleEndpoint({ ownerId: 'owner-2' }), task)).toBe(false)
    expect(concerns(sampleEndpoint({ agentId: 'agent-1' }), task)).toBe(true)
    expect(concerns(sampleEndpoint({ agentId: 'agent-2' }), task)).toBe(false)
    expect(concerns(sampleEndpoint({ state: 'disabled' }), task)).toBe(false)
    expect(concerns(sampleEndpoint({ taskId: task.id }), task)).toBe(false)
  })

  test('of a team is for what its tasks show to it, whoever owns them', () => {
    const team = sampleEndpoint({ teamId: 'team-1', ownerId: 'owner-9' })
    expect(concerns(team, task)).toBe(false)
    expect(concerns(team, { ...task, visibility: 'team' })).toBe(true)
    expect(concerns(team, { ...task, visibility: 'public' })).toBe(true)
    expect(concerns(team, { ...task, visibility: 'unlisted' })).toBe(false)
    expect(concerns(team, { ...task, visibility: 'team', teamId: 'team-2' })).toBe(false)
  })
})

test('deliveries to one server share a target, whatever the path', () => {
  expect(targetOf('https://Example.com/a?b')).toBe(targetOf('https://example.com:443/c'))
  expect(targetOf('http://example.com/a')).not.toBe(targetOf('https://example.com/a'))
})

test('Retry-After is read as seconds and as a date, and not otherwise', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(retryAfterMsOf('120', now)).toBe(120_000)
  expect(retryAfterMsOf('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000)
  expect(retryAfterMsOf('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterMsOf(' 120\t', now)).toBe(120_000)
  expect(retryAfterMsOf('0', now)).toBe(0)
  for (const header of [null, '', 'soon', '-5', '1.5', '2026']) {
    expect(retryAfterMsOf(header, now)).toBe(header === '2026' ? 2_026_000 : undefined)
  }
})

test('one pattern of several is enough to want an event', () => {
  expect(wantsEvent(['task.*', 'run.failed'], 'run.failed')).toBe(true)
  expect(wantsEvent(['task.*', 'run.paused'], 'run.failed')).toBe(false)
  expect(wantsEvent([], 'run.failed')).toBe(false)
})

test('what is signed is the id, the timestamp and the body with dots between them', () => {
  expect(signedText('msg_1', '1700000000', '{"a":1}')).toBe('msg_1.1700000000.{"a":1}')
})
