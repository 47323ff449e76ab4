import { expect, test } from 'vitest'
import type { JournalEvent } from '../../domain/event.ts'
import { foldJournal } from '../../domain/evolve.ts'
import { purgedDetails } from '../../domain/task-details.ts'
import { noUsage } from '../../domain/usage.ts'
import { withFirstFacts } from './first-facts.ts'

const event = (seq: number, kind: string, facts: object, attempt: number | null = 1) =>
  ({ seq, kind, run: 'run-1', attempt, at: seq, facts, contents: {} }) as unknown as JournalEvent

const model = { provider: 'demo', model: 'demo', name: 'demo', options: {} }
const config = { model, instructions: null, tools: [], capabilities: ['*'], stepsMax: 9, timeoutMs: 9, extension: {} }
const first = [
  event(
    1,
    'task.submitted',
    { owner: 'ada', team: null, agent: 'a', dialect: 'native', parent: null, root: 't' },
    null,
  ),
  event(2, 'message.added', { role: 'user' }, null),
  event(3, 'run.queued', { turn: 1, place: 'cloud:default', priority: 5, not_before: null, config, input: 'x' }, null),
  event(4, 'run.claimed', { attempt: 1 }),
  event(5, 'step.started', { step: 1, model: 'demo', provider: 'demo' }),
  event(6, 'model.failed', { step: 1, try: 1, code: 'c', message: 'm', will_retry: true }),
  event(7, 'model.responded', { step: 1, finish: 'stop', usage: noUsage, cost_micros_usd: 7, calls: 1 }),
  event(8, 'action.requested', { step: 1, action: 'x', tool: 't', call: 'c' }),
  event(9, 'action.decided', { step: 1, action: 'x', answer: 'allow', rules: [], reason: '' }),
  event(10, 'action.settled', { step: 1, action: 'x', outcome: 'settled', duration_ms: 1 }),
  event(11, 'run.succeeded', {}),
]

test('a journal of the first version folds, with nothing held and all that was spent', () => {
  const { task, run } = foldJournal('task-1', first.map(withFirstFacts), purgedDetails)
  expect(run).toMatchObject({
    state: 'succeeded',
    costMicrosUsd: 7,
    config: { policy: { name: 'default', digest: '' } },
  })
  expect(task.ledger).toMatchObject({ spent: { micros_usd: 7, tokens: 0, steps: 1 }, reserved: { micros_usd: 0 } })
})

test('an event of this version is handed on as it is', () => {
  const now = first.map(withFirstFacts)
  for (const one of now) expect(withFirstFacts(one)).toBe(one)
})
