import type { Amounts } from '../../src/domain/budget.ts'
import type { Content } from '../../src/domain/content.ts'
import type { CallAmounts, NewEvent } from '../../src/domain/event.ts'
import { evolveAll, startTask, type TaskSnapshot } from '../../src/domain/evolve.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import { ledgerMoveOfAll } from '../../src/domain/ledger-moves.ts'
import type { Dialect, Visibility } from '../../src/domain/principal.ts'
import type { Place } from '../../src/domain/task.ts'
import { detailsText } from '../../src/domain/task-details.ts'
import { noUsage } from '../../src/domain/usage.ts'
import { contentOf } from '../../src/proof/digests.ts'
import {
  absentTask,
  append,
  type Commit,
  currentAttempt,
  putContents,
  type Requirement,
  type Write,
} from '../../src/store/commit.ts'

/** A task that exists only in memory so far, with the events that made it. */
export interface SampleTask extends TaskSnapshot {
  readonly events: readonly NewEvent[]
  readonly contents: readonly Content[]
}

export interface SampleOptions {
  readonly id?: string
  readonly runId?: string
  readonly ownerId?: string
  readonly teamId?: string | null
  readonly visibility?: Visibility
  readonly agentId?: string
  readonly dialect?: Dialect
  readonly parentId?: string | null
  readonly metadata?: JsonObject
  readonly extension?: JsonObject
  readonly runExtension?: JsonObject
  readonly place?: Place
  readonly priority?: number
  readonly at?: number
  readonly notBefore?: number | null
  readonly queueTimeoutMs?: number
  readonly text?: string
  readonly budget?: Amounts
  readonly retentionDays?: number
}

export const sampleBudget: Amounts = { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100 }
export const sampleAt = Date.UTC(2026, 0, 1)

let made = 0
/** An id that no other sample of this process has. */
export function sampleId(): string {
  made += 1
  return `0199b000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`
}

export function sampleContent(text: string, salt = sampleId().replaceAll('-', '')): Content {
  return contentOf(salt, text, 'text/plain; charset=utf-8')
}

/** A task that was just submitted: its first three events and the rows they give. */
export function sampleTask(options: SampleOptions = {}): SampleTask {
  const { id = sampleId(), runId = sampleId(), at = sampleAt, text = `say hello ${id}` } = options
  const message = sampleContent(text)
  const details = { title: text.slice(0, 50), metadata: options.metadata ?? {}, extension: options.extension ?? {} }
  const kept = sampleContent(detailsText(details))
  const envelope = { run: null, attempt: null, at, contents: {} }
  const events: NewEvent[] = [
    {
      ...envelope,
      kind: 'task.submitted',
      contents: { details: kept.digest },
      facts: {
        owner: options.ownerId ?? 'owner-1',
        team: options.teamId ?? null,
        agent: options.agentId ?? 'agent-1',
        dialect: options.dialect ?? 'native',
        visibility: options.visibility ?? 'private',
        parent: options.parentId ?? null,
        root: options.parentId ?? id,
        budget: options.budget ?? sampleBudget,
        labels: [],
      },
    },
    { ...envelope, kind: 'message.added', contents: { message: message.digest }, facts: { role: 'user' } },
    queued(runId, 1, at, message, options),
  ]
  return { ...startTask(id, events, details, options.runExtension), events, contents: [message, kept] }
}

function queued(run: string, turn: number, at: number, message: Content, options: SampleOptions): NewEvent {
  const facts = {
    turn,
    place: options.place ?? 'cloud:default',
    priority: options.priority ?? 5,
    not_before: options.notBefore ?? null,
    config: {
      model: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
      instructions: null,
      tools: ['read_file'],
      capabilities: ['files:read'],
      denied: [],
      policy: { name: 'default', digest: `sha256:${'0'.repeat(64)}` },
      retentionDays: options.retentionDays ?? 365,
      principal: { user: options.ownerId ?? 'owner-1', team: options.teamId ?? null, role: 'operator' as const },
      pathLabels: [],
      stepsMax: 45,
      timeoutMs: 3_600_000,
      stepTimeoutMs: 600_000,
      queueTimeoutMs: options.queueTimeoutMs ?? 86_400_000,
    },
    input: message.digest,
  }
  return { kind: 'run.queued', run, attempt: null, at, contents: {}, facts }
}

/** The commit that submits it. */
export function submission({ task, run, events, contents }: SampleTask): Commit {
  return {
    require: [absentTask(task.id)],
    write: [{ kind: 'insert_task', task, run }, append(task.id, events), putContents(task.id, contents)],
  }
}

/** More events for a task, as the commit that writes them and the rows after it. */
export function continuation(
  snapshot: TaskSnapshot,
  events: readonly NewEvent[],
  require: readonly Requirement[] = [],
): { commit: Commit; after: TaskSnapshot } {
  const after = evolveAll(snapshot, events)
  const { id } = snapshot.task
  const write: Write[] = [{ kind: 'save_run', run: after.run }, append(id, events)]
  const move = ledgerMoveOfAll(events)
  if (move !== undefined) write.push({ kind: 'move_ledger', task: id, move })
  if (events.some(({ kind }) => kind === 'task.purged' || kind.startsWith('task.hold_'))) {
    const { purgeAt, purgedAt, hold } = after.task
    write.push({ kind: 'save_keeping', task: id, purgeAt, purgedAt, hold })
  }
  return { commit: { require, write }, after }
}

/** A further run of a task whose last one has ended. */
export function nextTurn(
  snapshot: TaskSnapshot,
  at = sampleAt,
  runId = sampleId(),
): { commit: Commit; after: TaskSnapshot } {
  const event = queued(runId, snapshot.run.turn + 1, at, sampleContent('and again'), {})
  const after = evolveAll(snapshot, [event])
  return { commit: { write: [{ kind: 'insert_run', run: after.run }, append(snapshot.task.id, [event])] }, after }
}

export function claimed(run: string, attempt: number, at = sampleAt): NewEvent {
  return { kind: 'run.claimed', run, attempt, at, contents: {}, facts: { attempt } }
}

const callReserve: CallAmounts = { micros_usd: 100, tokens: 500 }

export function stepStarted(
  run: string,
  attempt: number,
  step: number,
  at = sampleAt,
  reserved: CallAmounts = callReserve,
): NewEvent {
  const facts = { step, model: 'demo', provider: 'demo', reserved }
  return { kind: 'step.started', run, attempt, at, contents: {}, facts }
}

function modelResponded(run: string, attempt: number, step: number, text: Content, at = sampleAt): NewEvent {
  const usage = { ...noUsage, inputTokens: 10, outputTokens: step }
  const facts = { step, finish: 'stop', usage, cost_micros_usd: 7, calls: 0, released: callReserve }
  return { kind: 'model.responded', run, attempt, at, contents: { text: text.digest }, facts }
}

function succeeded(run: string, attempt: number, result: Content, at = sampleAt): NewEvent {
  return { kind: 'run.succeeded', run, attempt, at, contents: { result: result.digest }, facts: {} }
}

/** The commit of a whole one-step run: claimed before, ended after. */
export function oneStepRun(snapshot: TaskSnapshot, at = sampleAt): { commit: Commit; after: TaskSnapshot } {
  const { id, attempt } = snapshot.run
  const text = sampleContent('hello')
  const events = [
    stepStarted(id, attempt, 1, at),
    modelResponded(id, attempt, 1, text, at),
    succeeded(id, attempt, text, at),
  ]
  const { commit, after } = continuation(snapshot, events, [currentAttempt(id, attempt)])
  return { commit: { ...commit, write: [...commit.write, putContents(snapshot.task.id, [text])] }, after }
}
