import { describe, expect, test } from 'vitest'
import type { EventFacts, EventKind, JournalEvent } from '../../../../domain/event.ts'
import { noUsage } from '../../../../domain/usage.ts'
import { emptyTrace, foldStep } from './fold-steps.ts'

let seq = 0
const event = <K extends EventKind>(kind: K, facts: EventFacts[K], contents = {}): JournalEvent => {
  seq += 1
  return { seq, kind, run: 'run-1', attempt: 1, at: seq * 1_000, facts, contents } as unknown as JournalEvent
}
const held = { micros_usd: 0, tokens: 0 }
const started = (step = 1) => event('step.started', { step, model: 'm', provider: 'p', reserved: held })
const responded = (step = 1, contents = {}) =>
  event(
    'model.responded',
    { step, finish: 'stop', usage: noUsage, cost_micros_usd: 0, released: held, calls: 0 },
    contents,
  )
const failed = (will_retry: boolean) =>
  event('model.failed', { step: 1, try: 1, code: 'c', message: 'm', will_retry, released: held })
const requested = (action: string, call: string, repeats?: string) =>
  event('action.requested', { step: 1, action, tool: 't', call, ...(repeats && { repeats }) }, { arguments: 'args' })
const settled = (action: string, outcome: EventFacts['action.settled']['outcome'], contents = {}) =>
  event(
    'action.settled',
    { step: 1, action, outcome, duration_ms: 1, cost_micros_usd: 0, released_micros_usd: 0 },
    contents,
  )

/** The events that a client gets of these, in short. */
const eventsOf = (...events: JournalEvent[]) => {
  const trace = emptyTrace()
  return events
    .flatMap((one) => foldStep(trace, one))
    .map((clientEvent) => {
      if ('step' in clientEvent) return `${clientEvent.type} ${clientEvent.step.id} ${clientEvent.step.status}`
      return `${clientEvent.type} ${clientEvent.status}`
    })
}

describe('thinking', () => {
  test('ends with the response', () => {
    expect(eventsOf(started(), responded())).toEqual([
      'step.started thinking:run-1:1 running',
      'step.completed thinking:run-1:1 completed',
    ])
  })
  test('goes on while its call is tried again, also by another attempt', () => {
    expect(eventsOf(started(), failed(true), started(), responded())).toEqual([
      'step.started thinking:run-1:1 running',
      'step.completed thinking:run-1:1 completed',
    ])
  })
  test('fails with the last try', () => {
    expect(eventsOf(started(), failed(true), failed(false)).at(-1)).toBe('step.completed thinking:run-1:1 failed')
  })
  test('that has an end and no beginning is left out', () => {
    expect(eventsOf(responded(), failed(false))).toEqual([])
  })
})

describe('a tool call', () => {
  test.each([
    ['settled', 'completed'],
    ['failed', 'failed'],
    ['denied', 'failed'],
    ['unknown', 'failed'],
  ] as const)('that is %s is %s', (outcome, status) => {
    const events = eventsOf(requested('a', 'call-1'), settled('a', outcome, { result: 'r' }))
    expect(events).toEqual(['step.started tool_call:call-1 running', `step.completed tool_call:call-1 ${status}`])
  })
  test('that a crash cut and that is done again is one step', () => {
    const events = eventsOf(
      requested('a', 'call-1'),
      settled('a', 'unknown'),
      requested('b', 'call-1', 'a'),
      settled('b', 'settled', { result: 'r' }),
    )
    expect(events).toEqual(['step.started tool_call:call-1 running', 'step.completed tool_call:call-1 completed'])
  })
  test('with an id that was there before is a step of its own', () => {
    const events = eventsOf(
      requested('a', 'call-1'),
      settled('a', 'settled', { result: 'r' }),
      requested('b', 'call-1'),
    )
    expect(events.at(-1)).toBe('step.started tool_call:call-1:b running')
  })
  test('that a cancel cut fails with the run', () => {
    const events = eventsOf(requested('a', 'call-1'), settled('a', 'unknown'), event('run.cancelled', { by: 'u' }))
    expect(events.slice(1)).toEqual(['step.completed tool_call:call-1 failed', 'task.completed failed'])
  })
})

test('the status is told when it changes', () => {
  const events = eventsOf(
    event('run.claimed', { attempt: 1 }),
    event('run.paused', {}),
    event('run.resumed', {}),
    event('run.claimed', { attempt: 2 }),
    event('run.waiting', { for: 'a person' }),
    event('run.succeeded', {}, { result: 'r' }),
  )
  expect(events).toEqual([
    'task.status paused',
    'task.status running',
    'task.status waiting_for_user',
    'task.completed completed',
  ])
})

test('the prompts that are open are those that nobody has settled, in the order in which they were opened', () => {
  const trace = emptyTrace()
  const opened = (prompt: string, prompt_kind: 'question' | 'approval') => {
    const facts = { prompt, prompt_kind, step: 1, action: 'a', tool: 't', categories: [], version: 1 }
    return event('prompt.opened', { ...facts, expires_at: null, on_expiry: 'deny' }, { payload: `asked-${prompt}` })
  }
  const by = { user: 'u', key: null, via: 'token' } as const
  const events = [
    ...['p1', 'p2', 'p3', 'p5'].map((prompt) => opened(prompt, 'question')),
    opened('p4', 'approval'),
    event('prompt.rejected', { prompt: 'p4', by, code: 'role_forbidden', message: 'no' }),
    event('prompt.answered', { prompt: 'p1', outcome: 'answered', by }),
    event('prompt.expired', { prompt: 'p2', outcome: 'deny' }),
    event('prompt.withdrawn', { prompt: 'p3', reason: 'moved_on' }),
  ]
  expect(events.flatMap((one) => foldStep(trace, one))).toEqual([])
  expect([...trace.prompts]).toEqual([
    ['p5', { kind: 'question', tool: 't', payload: 'asked-p5' }],
    ['p4', { kind: 'approval', tool: 't', payload: 'asked-p4' }],
  ])
})
