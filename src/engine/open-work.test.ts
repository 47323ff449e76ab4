import { expect, test } from 'vitest'
import { sampleTask } from '../../test/support/sample-tasks.ts'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from '../domain/event.ts'
import { noUsage } from '../domain/usage.ts'
import type { Models } from '../model/model.ts'
import type { Store } from '../store/store.ts'
import { readOpenWork, settleOpenWork } from './open-work.ts'

const { task, run, events: opening } = sampleTask()
const reserved = { micros_usd: 500, tokens: 900 }
const certificate = `sha256:${'c'.repeat(64)}`

function event<K extends EventKind>(kind: K, facts: EventFacts[K]): NewEvent {
  return { kind, run: run.id, attempt: 1, at: 1, facts, contents: {} } as NewEvent
}

const started = event('step.started', { step: 1, model: 'm', provider: 'p', reserved })
const failed = (again?: typeof reserved) =>
  event('model.failed', {
    step: 1,
    try: 1,
    code: 'c',
    message: 'm',
    will_retry: true,
    released: reserved,
    reserved: again,
  })
const responded = event('model.responded', {
  step: 1,
  finish: 'stop',
  usage: noUsage,
  cost_micros_usd: 0,
  released: reserved,
  calls: 2,
})
const requested = (action: string) => event('action.requested', { step: 1, action, tool: 'note', call: action })
const decided = (action: string) =>
  event('action.decided', {
    step: 1,
    action,
    answer: 'allow',
    rules: [],
    reason: '',
    reserved_micros_usd: 40,
    statement: certificate,
  } as never)
const settled = (action: string) =>
  event('action.settled', {
    step: 1,
    action,
    outcome: 'settled',
    duration_ms: 1,
    cost_micros_usd: 40,
    released_micros_usd: 40,
  })

/** The open work of a journal that goes on with these events; `pages` are the seqs after which it was read. */
async function openWorkOf(events: readonly NewEvent[]) {
  const journal = [...opening, ...events].map((one, at) => ({ ...one, seq: at + 1 }) as JournalEvent)
  const pages: number[] = []
  const readEvents: Store['readEvents'] = async (_taskId, after, limit) => {
    pages.push(after)
    return journal.slice(after, after + limit)
  }
  const store = { readEvents } as Store
  return { ...(await readOpenWork({ store }, { ...task, lastSeq: journal.length }, run)), pages }
}

const firstTry = { phase: 'lost', step: 1, tryNumber: 1, reserved }

test('a call is open from its reservation until it is answered, interrupted or failed for good', async () => {
  expect((await openWorkOf([])).call).toBeUndefined()
  expect((await openWorkOf([started])).call).toEqual(firstTry)
  expect((await openWorkOf([started, responded])).call).toBeUndefined()
  expect((await openWorkOf([started, failed()])).call).toBeUndefined()
  const again = { micros_usd: 7, tokens: 9 }
  expect((await openWorkOf([started, failed(again)])).call).toEqual({ ...firstTry, tryNumber: 2, reserved: again })
  const interrupted = event('model.interrupted', { step: 1, try: 1, reason: 'lost', released: reserved })
  expect((await openWorkOf([started, interrupted])).call).toBeUndefined()
})

test('an action is open until it is settled, and holds what was reserved once it was allowed', async () => {
  const { actions } = await openWorkOf([
    started,
    responded,
    requested('a'),
    requested('b'),
    requested('c'),
    decided('a'),
    settled('a'),
    decided('b'),
  ])
  expect(actions).toMatchObject([
    { step: 1, action: 'b', reservedMicrosUsd: 40 },
    { step: 1, action: 'c', reservedMicrosUsd: 0 },
  ])
})

test('events of another run are not its open work', async () => {
  const other = { ...started, run: 'another-run' } as NewEvent
  expect((await openWorkOf([other])).call).toBeUndefined()
})

test('a long journal is read back to the last step only', async () => {
  const past = Array.from({ length: 2_000 }, () => failed(reserved))
  const { call, pages } = await openWorkOf([...past, started])
  expect(call).toEqual(firstTry)
  expect(pages).toHaveLength(1)
})

test('a step that is longer than a page is read whole', async () => {
  const many = Array.from({ length: 600 }, (_, at) => requested(`a${at}`))
  const { actions, pages } = await openWorkOf([started, responded, ...many])
  expect(actions).toHaveLength(600)
  expect(pages).toHaveLength(2)
})

const models = {
  priceMicrosUsd: async (_: unknown, usage: { inputTokens: number; outputTokens: number }) =>
    usage.inputTokens + usage.outputTokens,
} as unknown as Models
const deps = { models, randomness: { newSalt: () => '5a'.repeat(16), newId: () => 'id', fraction: () => 0.5 } }
const action = { step: 1, action: 'a', reservedMicrosUsd: 40 }

test('open actions are settled as unknown, and what was reserved for them is spent', async () => {
  const { events, contents } = await settleOpenWork(
    deps,
    { call: undefined, actions: [action], prompts: [] },
    run,
    9,
    'cancelled',
  )
  expect(events).toMatchObject([
    {
      kind: 'action.settled',
      at: 9,
      facts: { action: 'a', outcome: 'unknown', cost_micros_usd: 40, released_micros_usd: 40 },
    },
  ])
  expect(contents).toEqual([])
})

test('a lost call is charged its whole reservation before the actions are settled', async () => {
  const call = { phase: 'lost', step: 1, tryNumber: 2, reserved } as const
  const { events } = await settleOpenWork(deps, { call, actions: [action], prompts: [] }, run, 9, 'lost')
  expect(events.map(({ kind }) => kind)).toEqual(['model.interrupted', 'action.settled'])
  expect(events[0]?.facts).toMatchObject({ try: 2, reason: 'lost', released: reserved, cost_micros_usd: 500 })
})

test('a call that was streaming is charged an estimate, and its text is kept', async () => {
  const streamed = { text: 'half an ans', reasoning: '', bytes: 11 }
  const call = { phase: 'sent', step: 1, tryNumber: 1, reserved, inputBytes: 30, streamed } as const
  const { events, contents } = await settleOpenWork(deps, { call, actions: [], prompts: [] }, run, 9, 'cancelled')
  expect(events[0]).toMatchObject({
    facts: { reason: 'cancelled', estimated: true, cost_micros_usd: 14 },
    contents: { text: contents[0]?.digest },
  })
  expect(contents.map(({ body }) => body)).toEqual(['half an ans'])
})
