import type { EventFacts, EventKind, JournalEvent } from '../../src/domain/event.ts'
import { defaultPlace, type RecordedConfig } from '../../src/domain/task.ts'

/** A digest that differs by its last digits. */
export function sampleDigest(number: number): string {
  return `sha256:${number.toString(16).padStart(64, '0')}`
}

const sampleConfig: RecordedConfig = {
  model: { provider: 'demo', model: 'demo-1', name: 'demo', options: {} },
  instructions: sampleDigest(1),
  tools: ['read_file'],
  capabilities: ['files:read'],
  denied: [],
  policy: { name: 'default', digest: sampleDigest(2) },
  retentionDays: 30,
  principal: { user: 'owner-1', team: 'team-1', role: 'operator' },
  pathLabels: [],
  stepsMax: 10,
  timeoutMs: 60_000,
  stepTimeoutMs: 10_000,
  queueTimeoutMs: 60_000,
}

const usage = { inputTokens: 3, outputTokens: 2, cacheReadTokens: 1, cacheWriteTokens: 5, reasoningTokens: 4 }
const released = { micros_usd: 900, tokens: 400 }
const amounts = { micros_usd: 30, tokens: 20, steps: 10 }
const place = { step: 2, action: 'action-1' }

/** The facts of one event of each kind, every optional fact among them, in amounts that differ from each other. */
export const sampleFacts: EventFacts = {
  'task.submitted': {
    owner: 'owner-1',
    team: 'team-1',
    submitted_by: { user: 'user-2', key: 'key-2' },
    agent: 'agent-1',
    dialect: 'native',
    visibility: 'team',
    parent: 'parent-1',
    root: 'root-1',
    budget: { micros_usd: 1_000_000, tokens: 100_000, steps: 100 },
    labels: ['health'],
    webhook: { endpoint: 'endpoint-1', events: ['run.failed'] },
  },
  'message.added': { role: 'user', manifest: sampleDigest(3) },
  'run.queued': {
    turn: 1,
    place: defaultPlace,
    priority: 7,
    not_before: 5_000,
    config: sampleConfig,
    input: sampleDigest(4),
  },
  'prompt.opened': {
    prompt: 'prompt-1',
    prompt_kind: 'question',
    step: 2,
    action: 'action-1',
    tool: 'ask_question',
    categories: ['money'],
    version: 1,
    expires_at: 9_000,
    on_expiry: 'deny',
  },
  'prompt.answered': {
    prompt: 'prompt-1',
    outcome: 'answered',
    by: { user: 'user-2', key: 'key-2', via: 'key' },
    statement: sampleDigest(31),
  },
  'prompt.rejected': {
    prompt: 'prompt-1',
    by: { user: 'user-3', key: null, via: 'token' },
    code: 'may_not_answer',
    message: 'It may not answer.',
  },
  'prompt.expired': { prompt: 'prompt-1', outcome: 'deny' },
  'prompt.withdrawn': { prompt: 'prompt-1', reason: 'run_ended' },
  'run.claimed': { attempt: 1 },
  'attempt.lost': { attempt: 1, reason: 'broke', not_before: 6_000 },
  'run.stop_requested': {},
  'run.stop_withdrawn': {},
  'step.started': { step: 2, model: 'demo-1', provider: 'demo', reserved: released },
  'model.responded': { step: 2, finish: 'stop', usage, cost_micros_usd: 70, released, calls: 1, estimated: true },
  'model.failed': {
    step: 2,
    try: 1,
    code: 'overloaded',
    message: 'Too much.',
    will_retry: true,
    retry_after_ms: 1_000,
    released,
    reserved: { micros_usd: 800, tokens: 300 },
    usage,
    cost_micros_usd: 60,
    estimated: true,
  },
  'model.interrupted': {
    step: 2,
    try: 1,
    reason: 'stopped',
    released,
    usage,
    cost_micros_usd: 50,
    estimated: true,
  },
  'action.requested': { ...place, tool: 'read_file', call: 'call-1', repeats: 'action-0' },
  'action.decided': {
    ...place,
    answer: 'allow',
    rules: ['rule-1'],
    reason: 'granted',
    reserved_micros_usd: 25,
    statement: sampleDigest(5),
  },
  'action.revoked': { ...place, certificate: sampleDigest(5), by: 'user-2' },
  'action.settled': {
    ...place,
    outcome: 'settled',
    duration_ms: 12,
    cost_micros_usd: 20,
    released_micros_usd: 25,
    statement: sampleDigest(6),
    labels: ['health'],
    manifest: sampleDigest(7),
    truncated: true,
    late: true,
  },
  'budget.overdrawn': { of: 'step 2', reserved: released, used: { micros_usd: 1_000, tokens: 500 } },
  'budget.transferred': { to: 'task-2', amounts },
  'budget.returned': { from: 'task-2', amounts, labels: ['health'] },
  'budget.granted': { from: 'task-0', amounts, labels: ['health'] },
  'budget.released': { to: 'task-0', amounts },
  'task.purged': { by: 'user-2', reason: 'request', contents: 3 },
  'task.hold_placed': { by: 'user-2', reason: 'case 7' },
  'task.hold_lifted': { by: 'user-2' },
  'run.waiting': { for: 'answer' },
  'run.paused': {},
  'run.resumed': {},
  'run.succeeded': {},
  'run.failed': { error: { code: 'attempts_lost', message: 'It was lost.' } },
  'run.blocked': { error: { code: 'denied', message: 'It was denied.' } },
  'run.cancelled': { by: 'user-2' },
}

/** An event of a journal of this kind: of run `run-1`, at 10,000, with the sample facts. */
export function sampleEvent<K extends EventKind>(kind: K, more: Partial<JournalEvent> = {}): JournalEvent {
  const envelope = { seq: 9, run: 'run-1', attempt: 1, at: 10_000, contents: {}, ...more }
  return { kind, facts: sampleFacts[kind], ...envelope } as JournalEvent
}
