import type { TaskView } from '../../src/api/native/contract/task.ts'

const agentId = '00000000-0000-4000-8000-000000000001'
const ownerId = '00000000-0000-4000-8000-000000000002'

/** A task just queued, as the native API would answer it: the peers send as many bytes as Mandate does. */
export function newTaskAnswer(id: string, number: number, input: string): TaskView {
  const now = new Date().toISOString()
  const usage = {
    input_tokens: 4,
    output_tokens: 1,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
  }
  const none = { micros_usd: 0, tokens: 0, steps: 0 }
  const instants = { started_at: null, ended_at: null }
  return {
    id,
    number,
    state: 'queued',
    title: input.slice(0, 50),
    error: null,
    agent_id: agentId,
    owner: ownerId,
    visibility: 'private',
    priority: 5,
    metadata: {},
    parent_id: null,
    dialect: 'native',
    policy: { name: 'default', digest: `sha256:${'0'.repeat(64)}` },
    capabilities: ['*'],
    denied_capabilities: [],
    budget: {
      cap: { micros_usd: 100_000_000, tokens: 100_000_000, steps: 10_000 },
      spent: none,
      reserved: none,
      lent: none,
    },
    hold: null,
    purge_at: null,
    purged_at: null,
    run: {
      id: crypto.randomUUID(),
      turn: 1,
      state: 'queued',
      attempt: 1,
      place: 'cloud:default',
      provider: 'demo',
      model: 'demo',
      model_name: 'demo',
      priority: 5,
      steps: 1,
      max_steps: 45,
      timeout_seconds: 3600,
      stop_requested_at: null,
      ignored_fields: [],
      usage,
      cost_micros_usd: 0,
      queued_at: now,
      not_before: null,
      ...instants,
    },
    usage,
    cost_micros_usd: 0,
    last_seq: 7,
    created_at: now,
    ...instants,
    updated_at: now,
    input,
    input_sealed: false,
    result: null,
    result_sealed: false,
  }
}

/** The same task once it has ended well. */
export function endedAnswer(task: TaskView, result: string): TaskView {
  const now = new Date().toISOString()
  const end = { state: 'succeeded', started_at: task.started_at ?? now, ended_at: now } as const
  return { ...task, ...end, run: { ...task.run, ...end }, result, updated_at: now }
}

/** What the demonstration model answers to `say <text>` and `say <text> in <N> tokens`: a word each. */
export function tokensOf(input: string): string[] {
  const said = /^say (?<text>.*?)(?: in (?<count>\d+) tokens)?$/su.exec(input)?.groups
  const words = (said?.['text'] ?? input).split(/\s+/u)
  const count = Number(said?.['count'] ?? words.length)
  return Array.from({ length: count }, (_, i) => `${i === 0 ? '' : ' '}${words[i % words.length]}`)
}

export const waitSecondsOf = (prefer: string | undefined): number => Number(/wait=(\d+)/u.exec(prefer ?? '')?.[1] ?? 0)
