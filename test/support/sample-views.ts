import type { AgentView } from '../../src/api/native/contract/agent.ts'
import type { EventView } from '../../src/api/native/contract/event.ts'
import type { PromptView } from '../../src/api/native/contract/prompt.ts'
import type { TaskView } from '../../src/api/native/contract/task.ts'

export const sampleId = '00000000-0000-4000-8000-000000000001'
const sampleUsage = {
  input_tokens: 1_200,
  output_tokens: 34,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
}

const noAmounts = { micros_usd: 0, tokens: 0, steps: 0 }
const sampleLedger = {
  cap: { micros_usd: 100_000_000, tokens: 100_000_000, steps: 10_000 },
  spent: { micros_usd: 1_200, tokens: 1_234, steps: 1 },
  reserved: noAmounts,
  lent: noAmounts,
}

/** A task as the native API shows it. */
export function sampleTask(change: Partial<TaskView> = {}): TaskView {
  const state = change.state ?? 'succeeded'
  const createdAt = '2026-01-01T11:59:00.000Z'
  const endedAt = ['succeeded', 'failed', 'blocked', 'cancelled'].includes(state) ? '2026-01-01T11:59:02.500Z' : null
  return {
    id: sampleId,
    number: 7,
    state,
    title: 'say hello',
    error: null,
    agent_id: sampleId,
    owner: sampleId,
    visibility: 'private',
    priority: 5,
    metadata: {},
    parent_id: null,
    dialect: 'native',
    policy: { name: 'default', digest: `sha256:${'0'.repeat(64)}` },
    capabilities: ['*'],
    denied_capabilities: [],
    budget: sampleLedger,
    hold: null,
    purge_at: null,
    purged_at: null,
    run: {
      id: sampleId,
      turn: 1,
      state,
      attempt: 1,
      place: 'cloud:default',
      provider: 'demo',
      model: 'demo',
      model_name: 'demo',
      priority: 5,
      steps: 1,
      max_steps: 45,
      timeout_seconds: 3_600,
      stop_requested_at: null,
      ignored_fields: [],
      usage: sampleUsage,
      cost_micros_usd: 1_200,
      queued_at: createdAt,
      not_before: null,
      started_at: createdAt,
      ended_at: endedAt,
    },
    usage: sampleUsage,
    cost_micros_usd: 1_200,
    last_seq: 5,
    created_at: createdAt,
    started_at: createdAt,
    ended_at: endedAt,
    updated_at: createdAt,
    input: 'say hello',
    input_sealed: false,
    result: 'hello',
    result_sealed: false,
    ...change,
  }
}

/** The journal of a task that said hello. */
export function sampleJournal(
  last: Pick<EventView, 'type' | 'data'> = { type: 'run.succeeded', data: { result: 'hello' } },
) {
  const config = { provider: 'demo', model: 'demo' }
  const responded = { step: 1, text: 'hello', reasoning: null, usage: sampleUsage, cost_micros_usd: 1_200, calls: 0 }
  const facts = [
    { type: 'task.submitted', data: { title: 'say hello' } },
    { type: 'message.added', data: { role: 'user', message: 'say hello' } },
    { type: 'run.queued', data: { turn: 1, priority: 5, config } },
    { type: 'model.responded', data: responded },
    last,
  ]
  const at = '2026-01-01T11:59:01.000Z'
  return facts.map(({ type, data }, index) => ({ seq: index + 1, type, run: sampleId, attempt: 1, at, data }))
}

export function sampleAgent(change: Partial<AgentView> = {}): AgentView {
  return {
    id: sampleId,
    number: 1,
    owner: sampleId,
    team_id: null,
    visibility: 'public',
    name: 'demo',
    description: 'Does real work.',
    provider: null,
    model: null,
    tools: ['read_file'],
    capabilities: ['*'],
    policy: null,
    path_labels: [],
    timeout_seconds: null,
    max_steps: null,
    concurrency: null,
    state: 'active',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    instructions: 'Be brief.',
    warnings: [],
    ...change,
  }
}

/** The id of the n-th sample prompt. */
export const samplePromptId = (number = 1) => `00000000-0000-4000-8000-0000000001${String(number).padStart(2, '0')}`

/** A question as the payload of a prompt holds it. */
export function sampleQuestion(change: object = {}): object {
  return { id: 'answer', question: 'Which color?', options: ['red', 'blue'], multiple: false, default: null, ...change }
}

/** An open question as the native API shows it. */
export function samplePrompt(change: Partial<PromptView> = {}): PromptView {
  return {
    id: samplePromptId(),
    kind: 'question',
    state: 'open',
    task: { id: sampleId, number: 7, title: 'say hello' },
    run: sampleId,
    step: 1,
    action: 'action-1',
    tool: 'ask_question',
    categories: [],
    version: 1,
    payload: { questions: [sampleQuestion()], schema: { type: 'object' } },
    may_answer: true,
    opened_at: '2026-01-01T11:59:00.000Z',
    expires_at: null,
    on_expiry: 'deny',
    settled_at: null,
    outcome: null,
    answered_by: null,
    answer: null,
    ...change,
  }
}

/** An open approval, with an argument that wants to mislead whoever decides. */
export function sampleApproval(change: Partial<PromptView> = {}): PromptView {
  const payload = {
    tool: 'write_file',
    arguments: '{"path":"a.txt","text":"pay \u202e1"}',
    reason: 'It sends mail.\u001b[2J',
    policy: { name: 'default' },
    schema: { type: 'object' },
  }
  return samplePrompt({ kind: 'approval', tool: 'write_file', categories: ['mail'], payload, ...change })
}
