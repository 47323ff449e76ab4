import { type Amounts, noAmounts } from '../../../src/domain/budget.ts'
import type { Digest } from '../../../src/domain/content.ts'
import type { Approval, DecisionInputs, Finding } from '../../../src/domain/decision.ts'
import type { CallAmounts } from '../../../src/domain/event.ts'
import type { PolicyVersion } from '../../../src/domain/policy.ts'
import type { ApprovalRequest } from '../../../src/domain/statement.ts'
import type { RecordedConfig } from '../../../src/domain/task.ts'
import { noUsage } from '../../../src/domain/usage.ts'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import { digestContent } from '../../../src/proof/digests.ts'
import { openPolicy, sampleRedecide, strictPolicy } from './sample-policies.ts'
import type { SampleRecorder } from './sample-recorder.ts'

export const fates = ['settled', 'failed', 'late', 'revoked', 'expired', 'repeated', 'unfit'] as const
export const toolNames = ['read_file', 'fetch', 'mail', 'shell'] as const

export interface ActionPlan {
  readonly tool: (typeof toolNames)[number]
  /** What comes of it where it is allowed; `unfit` is never decided. */
  readonly fate: (typeof fates)[number]
  readonly personal: boolean
}

export interface StepPlan {
  readonly actions: readonly ActionPlan[]
  readonly retries: boolean
  readonly subTask: boolean
}

export const endings = ['succeeded', 'blocked', 'failed', 'cancelled', 'overdrawn'] as const

export interface RunPlan {
  readonly strict: boolean
  readonly steps: readonly StepPlan[]
  readonly ending: (typeof endings)[number]
  readonly pauses: boolean
  readonly isLost: boolean
}

const tools = {
  read_file: { required: 'filesystem:read', access: 'read', sinks: [], category: null, labels: ['phi'] },
  fetch: { required: 'network:http:read', access: 'fetch', sinks: ['network'], category: null, labels: [] },
  mail: { required: 'email:send', access: 'send', sinks: ['email'], category: 'send_email', labels: [] },
  shell: { required: 'shell:run', access: 'execute', sinks: [], category: null, labels: [] },
} as const

const budget: Amounts = { micros_usd: 1_000_000, tokens: 1_000_000, steps: 1_000 }
const held: CallAmounts = { micros_usd: 400, tokens: 100 }
const principal = { user: 'user-1', team: 'team-1', role: 'operator' } as const

function configOf({ document, digest }: PolicyVersion, instructions: Digest | null): RecordedConfig {
  return {
    model: { provider: 'demo', model: 'demo-1', name: null, options: {} },
    instructions,
    tools: Object.keys(tools),
    capabilities: ['filesystem:read', 'network:http:read', 'email:send'],
    denied: [],
    policy: { name: document.name, digest },
    retentionDays: document.retention_days,
    principal,
    pathLabels: [],
    stepsMax: 45,
    timeoutMs: 3_600_000,
    stepTimeoutMs: 600_000,
    queueTimeoutMs: 86_400_000,
  }
}

/** A further message and the run that it starts; the first of a task with its submission. */
export function writeMessage(
  recorder: SampleRecorder,
  { strict }: RunPlan,
  turn: number,
  given: { readonly sealed: boolean; readonly isSubTask: boolean; readonly instructions: Digest | null },
): void {
  const run = `run-${turn}`
  if (turn === 1) {
    const details = recorder.text(`{"title":"A task of ${recorder.task}"}`, 'application/json')
    const facts = {
      owner: 'user-1',
      team: 'team-1',
      agent: 'agent-1',
      dialect: 'native',
      visibility: 'private',
    } as const
    const family = given.isSubTask ? { parent: 'parent-1', root: 'parent-1' } : { parent: null, root: recorder.task }
    const labels = given.isSubTask ? ['pii'] : []
    recorder.append('task.submitted', { ...facts, ...family, budget, labels }, { details }, null)
  }
  const message = given.sealed ? recorder.sealed(Buffer.from([1, 2, 3, turn])) : recorder.text(`Do it, ${turn}.`)
  recorder.append('message.added', { role: 'user' }, { message }, run)
  const config = configOf(strict ? strictPolicy : openPolicy, given.instructions)
  const queued = { turn, place: 'cloud:default', priority: 5, not_before: null, config, input: message } as const
  recorder.append('run.queued', queued, {}, run)
}

/** The run from its claim to its end. */
export async function writeRun(recorder: SampleRecorder, plan: RunPlan): Promise<void> {
  claim(recorder)
  if (plan.isLost) {
    recorder.append('attempt.lost', { attempt: 1, reason: 'died' })
    claim(recorder)
  }
  let step = 0
  for (const planned of plan.steps) {
    step += 1
    await writeStep(recorder, plan, planned, step)
  }
  if (plan.pauses) {
    recorder.append('run.stop_requested', {})
    recorder.append('run.paused', {})
    recorder.append('run.resumed', {})
    claim(recorder)
  }
  writeEnd(recorder, plan, step + 1)
}

function claim(recorder: SampleRecorder): void {
  recorder.append('run.claimed', { attempt: (recorder.snapshot?.run.attempt ?? 0) + 1 })
}

function startCall(recorder: SampleRecorder, step: number): void {
  recorder.append('step.started', { step, model: 'demo-1', provider: 'demo', reserved: held })
}

function respond(recorder: SampleRecorder, step: number, calls: number, tokens = 30): Digest {
  const usage = { ...noUsage, inputTokens: tokens, outputTokens: 9 }
  const text = recorder.text(`Thought ${step} of ${recorder.at}`)
  const facts = { step, finish: 'stop', usage, cost_micros_usd: 70, released: held, calls }
  recorder.append('model.responded', facts, { text })
  return text
}

async function writeStep(recorder: SampleRecorder, plan: RunPlan, planned: StepPlan, step: number): Promise<void> {
  startCall(recorder, step)
  if (planned.retries) {
    const facts = { step, try: 1, code: 'overloaded', message: 'Later.', will_retry: true, retry_after_ms: 5 }
    recorder.append('model.failed', { ...facts, released: held, reserved: held })
  }
  respond(recorder, step, planned.actions.length)
  for (const [i, action] of planned.actions.entries()) {
    await writeAction(recorder, plan, action, step, `${recorder.snapshot?.run.id} ${step}.${i}`)
  }
  if (!planned.subTask) return
  const amounts = { micros_usd: 900, tokens: 50, steps: 2 }
  recorder.append('budget.transferred', { to: 'child-1', amounts })
  recorder.append('budget.returned', { from: 'child-1', amounts: { ...amounts, tokens: 20 }, labels: ['internal'] })
}

interface Asked {
  readonly plan: RunPlan
  readonly planned: ActionPlan
  readonly step: number
  readonly action: string
  readonly text: string
  readonly given: Digest
}

async function writeAction(
  recorder: SampleRecorder,
  plan: RunPlan,
  planned: ActionPlan,
  step: number,
  action: string,
): Promise<void> {
  const text = JSON.stringify({ to: action, note: planned.personal ? '123-45-6789' : 'nothing' })
  const given = recorder.text(text, 'application/json')
  const facts = { step, action, tool: planned.tool, call: `call ${action}` }
  recorder.append('action.requested', facts, { arguments: given })
  if (planned.fate === 'unfit') {
    const result = recorder.text('The arguments do not fit.')
    const settled = { step, action, outcome: 'failed', duration_ms: 0, ...unpaid } as const
    recorder.append('action.settled', settled, { result })
    return
  }
  const asked = { plan, planned, step, action, text, given }
  const certificate = await decide(recorder, asked)
  if (certificate === undefined) return
  await comeOf(recorder, asked, certificate)
}

const unpaid = { cost_micros_usd: 0, released_micros_usd: 0 }
const costMicrosUsd = 50

function findingsIn(recorder: SampleRecorder, { planned, text, given }: Asked): Finding[] {
  if (!planned.personal) return []
  const start = text.indexOf('123-45-6789')
  const end = start + '123-45-6789'.length
  const digest = digestContent(recorder.salt(given), text.slice(start, end))
  return [{ detector: 'ssn', version: 1, start, end, digest, encodings: [] }]
}

/** The certificate, or undefined where it is denied. */
async function decide(
  recorder: SampleRecorder,
  asked: Asked,
  repeats: string | null = null,
  approval?: Approval,
): Promise<Digest | undefined> {
  const { plan, planned, step, action, given } = asked
  const tool = tools[planned.tool]
  const version = plan.strict ? strictPolicy : openPolicy
  const { config, id: run } = recorder.snapshot?.run ?? { config: configOf(version, null), id: '' }
  const inputs: DecisionInputs = {
    version: 1,
    at: recorder.at + 3,
    task: recorder.task,
    run,
    action,
    principal,
    policy: config.policy,
    tool: planned.tool,
    access: tool.access,
    required: [tool.required],
    granted: config.capabilities,
    sinks: tool.sinks,
    approval_categories: tool.category === null ? [] : [tool.category],
    host: null,
    path: null,
    arguments: given,
    findings: findingsIn(recorder, asked),
    labels: [...recorder.labels].sort(),
    cost_micros_usd: costMicrosUsd,
    ledger: recorder.snapshot?.task.ledger ?? { cap: budget, spent: noAmounts, reserved: noAmounts, lent: noAmounts },
    ...(approval !== undefined && { approval }),
  }
  const { answer, rules } = await sampleRedecide(version, inputs)
  const isRedacted = plan.strict && planned.personal && answer !== 'deny'
  // What was approved keeps its content.
  const kept = approval?.arguments
  const redacted = isRedacted ? { arguments: kept ?? recorder.text('{"note":"[ssn]"}', 'application/json') } : {}
  const recorded = recorder.text(canonicalText(inputs), 'application/json')
  const common = {
    step,
    action,
    principal,
    tool: planned.tool,
    arguments: redacted.arguments ?? given,
    inputs: recorded,
    capabilities: config.capabilities,
    policy: config.policy,
    parent: recorder.snapshot?.task.parentId ?? null,
    rules,
  }
  const reason = `Because of ${rules.join()}.`
  const allowed = answer === 'allow'
  const money = { ...noAmounts, micros_usd: costMicrosUsd }
  const lifetime = planned.fate === 'late' || planned.fate === 'expired' ? 1 : 60_000
  const named = approval?.statement ? { approval: approval.statement } : {}
  if (answer === 'ask') {
    const labels = inputs.labels
    const requested = { ...common, arguments: redacted.arguments ?? given, reason }
    return await askFor(recorder, asked, repeats, { requested, inputs: recorded, redacted, labels })
  }
  const signed = allowed
    ? recorder.state({
        ...common,
        ...named,
        kind: 'certificate',
        reserved: money,
        repeats,
        expires_at: inputs.at + lifetime,
      })
    : recorder.state({ ...common, ...named, kind: 'refusal', reason })
  const decided = { step, action, answer, rules, reason, reserved_micros_usd: allowed ? costMicrosUsd : 0 }
  recorder.append('action.decided', { ...decided, statement: signed.digest }, { inputs: recorded, ...redacted })
  if (allowed) return signed.digest
  const result = recorder.text(`Denied: ${reason}`)
  recorder.append('action.settled', { step, action, outcome: 'denied', duration_ms: 0, ...unpaid }, { result })
  return undefined
}

interface Request {
  readonly requested: Omit<ApprovalRequest, 'kind' | 'prompt' | 'expires_at' | GivenByRecorder>
  readonly inputs: Digest
  readonly redacted: { readonly arguments?: Digest }
  readonly labels: readonly string[]
}
type GivenByRecorder = 'log_id' | 'key_id' | 'task' | 'run' | 'attempt' | 'previous' | 'issued_at'

/** A person is asked, and answers: an action with personal data is approved, any other is denied. */
async function askFor(
  recorder: SampleRecorder,
  asked: Asked,
  repeats: string | null,
  { requested, inputs, redacted, labels }: Request,
): Promise<Digest | undefined> {
  const { planned, step, action } = asked
  const prompt = `prompt of ${action}`
  const expires_at = recorder.at + 1_000_000
  const signed = recorder.state({ ...requested, kind: 'ask', prompt, expires_at })
  const { rules, reason } = requested
  const decided = { step, action, answer: 'ask', rules, reason, reserved_micros_usd: 0 } as const
  recorder.append('action.decided', { ...decided, statement: signed.digest }, { inputs, ...redacted })
  const payload = recorder.text(`{"tool":"${planned.tool}"}`, 'application/json')
  const facts = { prompt, prompt_kind: 'approval', step, action, tool: planned.tool, version: 1 } as const
  const opened = { ...facts, categories: ['send_email'], expires_at, on_expiry: 'deny' } as const
  recorder.append('prompt.opened', opened, { payload })
  recorder.append('run.waiting', { for: 'prompt' })
  const answer = recorder.text('{"data":{},"message":null}', 'application/json')
  const outcome = planned.personal ? 'approved' : 'denied'
  const by = { user: 'user-2', key: 'key-2', via: 'key' } as const
  const statement = recorder.answer({ action, prompt, prompt_kind: 'approval', payload, answer, outcome, by })
  recorder.append('prompt.answered', { prompt, outcome, by, statement: statement.digest }, { answer })
  recorder.append('run.resumed', {})
  claim(recorder)
  const approval = { prompt, outcome, by: by.user, statement: statement.digest, labels } as const
  return await decide(recorder, asked, repeats, { ...approval, arguments: requested.arguments })
}

async function comeOf(recorder: SampleRecorder, asked: Asked, certificate: Digest): Promise<void> {
  const { planned, step, action } = asked
  switch (planned.fate) {
    case 'revoked':
      recorder.append('action.revoked', { step, action, certificate, by: 'admin-1' })
      recorder.revoke(certificate, action, 'admin-1')
      settle(recorder, asked, certificate, 'denied')
      return
    case 'expired':
      settle(recorder, asked, certificate, 'denied')
      return
    case 'repeated': {
      settle(recorder, asked, certificate, 'unknown')
      const again = { ...asked, action: `${action} again`, planned: { ...planned, fate: 'settled' as const } }
      const facts = { step, action: again.action, tool: planned.tool, call: `call ${action}`, repeats: action }
      recorder.append('action.requested', facts, { arguments: asked.given })
      const second = await decide(recorder, again, action)
      if (second !== undefined) settle(recorder, again, second, 'settled')
      return
    }
    default:
      settle(recorder, asked, certificate, planned.fate === 'failed' ? 'failed' : 'settled')
  }
}

function settle(
  recorder: SampleRecorder,
  { planned, step, action }: Asked,
  certificate: Digest,
  outcome: 'settled' | 'failed' | 'unknown' | 'denied',
): void {
  const ended = outcome === 'settled' || outcome === 'failed'
  const cost = outcome === 'denied' ? 0 : costMicrosUsd
  const labels = ended ? tools[planned.tool].labels.filter((label) => !recorder.labels.has(label)) : []
  const result = outcome === 'unknown' ? undefined : recorder.text(`${outcome}: the result of ${action}`)
  const findings = ended && planned.personal ? recorder.text('[]', 'application/json') : undefined
  const late = ended && planned.fate === 'late'
  const signed = recorder.state({
    kind: 'settlement',
    step,
    action,
    certificate,
    outcome,
    result: result ?? null,
    cost: { ...noAmounts, micros_usd: cost },
    duration_ms: ended ? 7 : 0,
    late,
    labels,
  })
  const facts = {
    step,
    action,
    outcome,
    duration_ms: ended ? 7 : 0,
    cost_micros_usd: cost,
    released_micros_usd: costMicrosUsd,
    statement: signed.digest,
    ...(labels.length > 0 && { labels }),
    ...(late && { late }),
  }
  recorder.append('action.settled', facts, { ...(result && { result }), ...(findings && { findings }) })
}

function writeEnd(recorder: SampleRecorder, { ending }: RunPlan, step: number): void {
  if (ending === 'cancelled') {
    startCall(recorder, step)
    const usage = { ...noUsage, inputTokens: 20 }
    const facts = { step, try: 1, code: 'cancelled', message: 'Cut.', will_retry: false, usage, cost_micros_usd: 9 }
    recorder.append('model.failed', { ...facts, released: held, estimated: true })
    recorder.append('run.cancelled', { by: 'user-1' })
    return
  }
  startCall(recorder, step)
  const result = respond(recorder, step, 0, ending === 'overdrawn' ? 150 : 30)
  if (ending === 'overdrawn') {
    const used = { micros_usd: 70, tokens: 159 }
    recorder.append('budget.overdrawn', { of: `step ${step}`, reserved: held, used })
  }
  const error = { code: 'some_code', message: 'Some words.' }
  if (ending === 'succeeded') recorder.append('run.succeeded', {}, { result })
  else if (ending === 'blocked') recorder.append('run.blocked', { error }, { result })
  else recorder.append('run.failed', { error })
}
