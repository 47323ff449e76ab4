import type { JournalEvent } from '../../domain/event.ts'
import { defaultPolicyName } from '../../domain/policy.ts'

const none = { micros_usd: 0, tokens: 0 }
/** As migration 0004 gives it to the tasks of the first version. */
const ample = { micros_usd: 1_000_000_000_000_000, tokens: 1_000_000_000_000_000, steps: 1_000_000_000_000_000 }

type Facts = Readonly<Record<string, unknown>>

/** What an event of the first version, which knew no budgets and policies, would say of them: nothing was held, nothing denied. */
const missing: Readonly<Record<string, (facts: Facts) => Facts>> = {
  'task.submitted': () => ({ budget: ample, labels: [] }),
  'run.queued': ({ config }) => ({ config: { ...firstConfig, ...(config as Facts) } }),
  'step.started': () => ({ reserved: none }),
  'model.responded': () => ({ released: none }),
  'model.failed': () => ({ released: none }),
  'action.decided': () => ({ reserved_micros_usd: 0, statement: '' }),
  'action.settled': () => ({ cost_micros_usd: 0, released_micros_usd: 0 }),
}

/** What a run that was queued before there were policies was under. */
export const firstConfig = {
  denied: [],
  policy: { name: defaultPolicyName, digest: '' },
  retentionDays: 365,
  principal: { user: '', team: null, role: 'operator' },
  pathLabels: [],
} as const

/** Which fact shows that an event is of a later version. */
const marks: Readonly<Record<string, string>> = {
  'task.submitted': 'budget',
  'step.started': 'reserved',
  'model.responded': 'released',
  'model.failed': 'released',
  'action.decided': 'statement',
  'action.settled': 'cost_micros_usd',
}

/** The event as every reader expects it; those of the first version are completed, all others are handed on as they are. */
export function withFirstFacts(event: JournalEvent): JournalEvent {
  const mark = marks[event.kind]
  if (mark === undefined ? event.kind !== 'run.queued' || 'policy' in event.facts.config : mark in event.facts)
    return event
  const facts: Facts = { ...event.facts }
  return { ...event, facts: { ...facts, ...missing[event.kind]?.(facts) } } as JournalEvent
}
