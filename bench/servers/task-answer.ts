/** A task as the peers answer it: the same fields, and about the same number of bytes, as the native API. */
export interface TaskAnswer {
  readonly id: string
  readonly number: number
  state: string
  result: string | null
  started_at: string | null
  ended_at: string | null
  updated_at: string
  readonly [field: string]: unknown
}

const agentId = '00000000-0000-4000-8000-000000000001'
const ownerId = '00000000-0000-4000-8000-000000000002'

export function newTaskAnswer(id: string, number: number, input: string): TaskAnswer {
  const now = new Date().toISOString()
  return {
    id,
    number,
    state: 'queued',
    title: input.slice(0, 50),
    input,
    result: null,
    error: null,
    agent_id: agentId,
    owner: ownerId,
    visibility: 'private',
    priority: 5,
    metadata: {},
    parent_id: null,
    run: {
      id: crypto.randomUUID(),
      turn: 1,
      attempt: 1,
      place: 'cloud:default',
      steps: 1,
      model: 'demo',
      provider: 'demo',
    },
    usage: { input_tokens: 4, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 },
    cost_micros_usd: 0,
    created_at: now,
    started_at: null,
    ended_at: null,
    updated_at: now,
  }
}

/** What the demonstration model answers to `say <text>` and `say <text> in <N> tokens`: a word each. */
export function tokensOf(input: string): string[] {
  const said = /^say (?<text>.*?)(?: in (?<count>\d+) tokens)?$/su.exec(input)?.groups
  const words = (said?.['text'] ?? input).split(/\s+/u)
  const count = Number(said?.['count'] ?? words.length)
  return Array.from({ length: count }, (_, i) => `${i === 0 ? '' : ' '}${words[i % words.length]}`)
}

export const waitSecondsOf = (prefer: string | undefined): number => Number(/wait=(\d+)/u.exec(prefer ?? '')?.[1] ?? 0)
