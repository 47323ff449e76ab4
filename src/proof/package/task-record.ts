import type { Ledger } from '../../domain/budget.ts'
import { type EventOf, isAbout, type JournalEvent } from '../../domain/event.ts'
import { evolve, startTask, type TaskSnapshot } from '../../domain/evolve.ts'
import { isTerminal, type TerminalState } from '../../domain/run-state.ts'
import type { RecordedConfig } from '../../domain/task.ts'
import { purgedDetails } from '../../domain/task-details.ts'
import { unreachable } from '../../domain/unreachable.ts'
import { BrokenLink, demand, demandEqual, present } from './broken-link.ts'

/** One run in its journal. */
export interface RunRecord {
  readonly run: string
  readonly turn: number
  readonly config: RecordedConfig
  readonly firstSeq: number
  /**
   * The end of the run: its seq, the outcome, and the task's ledger right after it. Undefined while it has not ended.
   */
  readonly end: { readonly seq: number; readonly outcome: TerminalState; readonly ledger: Ledger } | undefined
}

/** One action with all of its events. */
export interface ActionRecord {
  readonly run: RunRecord
  readonly requested: EventOf<'action.requested'>
  /** The decisions to ask a person that came before the decision, oldest first. */
  readonly asks: readonly Decided[]
  readonly decision: Decided | undefined
  readonly revoked: EventOf<'action.revoked'> | undefined
  readonly settled: EventOf<'action.settled'> | undefined
}

/** The decision about an action. */
export interface Decided {
  readonly event: EventOf<'action.decided'>
  /** The ledger and the labels before the decision. */
  readonly ledger: Ledger
  readonly labels: readonly string[]
}

/** An action that was decided. */
export type DecidedAction = ActionRecord & { readonly decision: Decided }

/** The action once for each decision about it, in their order: those to ask a person, and the last one. */
export function eachDecision(action: ActionRecord): readonly DecidedAction[] {
  const { asks, decision } = action
  return [...asks, ...(decision === undefined ? [] : [decision])].map((one) => ({ ...action, decision: one }))
}

/** A prompt with how it was settled. */
export interface PromptRecord {
  readonly run: RunRecord
  readonly opened: EventOf<'prompt.opened'>
  readonly settled: EventOf<'prompt.answered' | 'prompt.expired' | 'prompt.withdrawn'> | undefined
}

/** A journal, folded and ordered for the checks. */
export interface TaskRecord {
  readonly task: string
  readonly submitted: EventOf<'task.submitted'>
  readonly events: readonly JournalEvent[]
  /** The ledger after each event, at the event's index. */
  readonly ledgers: readonly Ledger[]
  readonly runs: readonly RunRecord[]
  /** The actions in the order of their requests. */
  readonly actions: readonly ActionRecord[]
  /** The prompts in the order in which they were opened. */
  readonly prompts: readonly PromptRecord[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Fold {
  readonly runs: Mutable<RunRecord>[]
  readonly actions: Map<string, Mutable<ActionRecord>>
  readonly prompts: Map<string, Mutable<PromptRecord>>
  readonly labels: Set<string>
  ledger: Ledger
}

/**
 * Folds a journal as the server does. Throws BrokenLink at the first event that is not the next one, makes a move that
 * no run may make, or refers to an action in the wrong phase.
 */
export function readTaskRecord(task: string, events: readonly JournalEvent[]): TaskRecord {
  for (const [i, { seq }] of events.entries()) demandEqual(`events[${i}]`, 'its seq', seq, i + 1, 'its place')
  const [submitted] = events
  if (submitted?.kind !== 'task.submitted') throw new BrokenLink('events', 'a journal begins with task.submitted')
  const fold: Fold = {
    runs: [],
    actions: new Map(),
    labels: new Set(),
    prompts: new Map(),
    ledger: submittedLedger(submitted),
  }
  const ledgers: Ledger[] = []
  let snapshot: TaskSnapshot | undefined
  for (const event of events) {
    const where = placeOf(event)
    const next = moved(task, events, snapshot, event)
    if (next !== undefined) checkEnvelope(where, event, snapshot, next)
    fold.ledger = snapshot?.task.ledger ?? fold.ledger
    recordEvent(fold, where, event, next)
    snapshot = next ?? snapshot
    ledgers.push(snapshot?.task.ledger ?? fold.ledger)
  }
  return {
    task,
    submitted,
    events,
    ledgers,
    runs: fold.runs,
    actions: [...fold.actions.values()],
    prompts: [...fold.prompts.values()],
  }
}

/** The place of an event in words. */
export function placeOf({ seq, kind }: JournalEvent): string {
  return `event ${seq} (${kind})`
}

function submittedLedger({ facts }: EventOf<'task.submitted'>): Ledger {
  const none = { micros_usd: 0, tokens: 0, steps: 0 }
  return { cap: facts.budget, spent: none, reserved: none, lent: none }
}

/** The rows after the event, or undefined before the first three events are complete. */
function moved(
  task: string,
  events: readonly JournalEvent[],
  before: TaskSnapshot | undefined,
  event: JournalEvent,
): TaskSnapshot | undefined {
  if (before === undefined && event.seq < 3) return undefined
  try {
    return before === undefined ? startTask(task, events.slice(0, 3), purgedDetails) : evolve(before, event)
  } catch (error) {
    throw new BrokenLink(placeOf(event), error instanceof Error ? error.message : String(error))
  }
}

const scopes = /^(?:run|attempt|step|model|action|prompt)\.|^budget\.overdrawn$/u
const byAttempt = new Set(['step.started', 'model.responded', 'action.requested', 'action.decided', 'action.settled'])

/** Checks that an event of a run belongs to the latest run, and an event of an attempt to the latest attempt. */
function checkEnvelope(
  where: string,
  event: JournalEvent,
  before: TaskSnapshot | undefined,
  after: TaskSnapshot,
): void {
  const { run } = after
  if (scopes.test(event.kind)) demandEqual(where, 'its run', event.run, run.id, 'the journal')
  if (byAttempt.has(event.kind)) {
    demandEqual(where, 'its attempt', event.attempt, run.attempt === 0 ? null : run.attempt, 'the journal')
  }
  if (event.kind === 'run.claimed') {
    demandEqual(where, 'the attempt', event.facts.attempt, (before?.run.attempt ?? 0) + 1, 'the attempts before it')
  }
}

function recordEvent(fold: Fold, where: string, event: JournalEvent, after: TaskSnapshot | undefined): void {
  if (isAbout(event, 'message', 'attempt', 'step', 'model')) return
  switch (event.kind) {
    case 'task.submitted':
    case 'budget.returned':
    case 'budget.granted':
      for (const label of event.facts.labels) fold.labels.add(label)
      return
    case 'run.queued':
      recordRun(fold, where, event)
      return
    case 'action.requested':
      recordRequest(fold, where, event)
      return
    case 'action.decided':
    case 'action.revoked':
    case 'action.settled':
      recordAction(fold, where, event)
      return
    case 'prompt.opened':
    case 'prompt.answered':
    case 'prompt.rejected':
    case 'prompt.expired':
    case 'prompt.withdrawn':
      recordPrompt(fold, where, event)
      return
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      recordEnd(fold, event, after)
      return
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.released':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
      return
    default:
      unreachable(event)
  }
}

function recordRun({ runs }: Fold, where: string, event: EventOf<'run.queued'>): void {
  const run = present(event.run ?? undefined, where, 'it names no run')
  demand(!runs.some((other) => other.run === run), where, `the run ${run} was queued before`)
  demandEqual(where, 'its turn', event.facts.turn, runs.length + 1, 'the runs before it')
  const firstSeq = (runs.at(-1)?.end?.seq ?? 0) + 1
  runs.push({ run, turn: event.facts.turn, config: event.facts.config, firstSeq, end: undefined })
}

function recordEnd({ runs }: Fold, { seq }: JournalEvent, after: TaskSnapshot | undefined): void {
  const run = runs.at(-1)
  if (run === undefined || after === undefined || run.end !== undefined || !isTerminal(after.run.state)) return
  run.end = { seq, outcome: after.run.state, ledger: after.task.ledger }
}

function recordRequest({ runs, actions }: Fold, where: string, event: EventOf<'action.requested'>): void {
  const { action, repeats } = event.facts
  demand(!actions.has(action), where, `the action ${action} was requested before`)
  demand(repeats === undefined || actions.has(repeats), where, `there is no action ${repeats} that it could repeat`)
  const run = present(runs.at(-1), where, 'no run was queued')
  actions.set(action, { run, requested: event, asks: [], decision: undefined, revoked: undefined, settled: undefined })
}

function recordAction(
  fold: Fold,
  where: string,
  event: EventOf<'action.decided'> | EventOf<'action.revoked'> | EventOf<'action.settled'>,
): void {
  const { action: id, step } = event.facts
  const action = present(fold.actions.get(id), where, `the action ${id} was never requested`)
  demandEqual(where, 'its run', event.run, action.run.run, 'the request of the action')
  demandEqual(where, 'its step', step, action.requested.facts.step, 'the request of the action')
  demand(action.settled === undefined, where, `the action ${id} was settled before`)
  if (event.kind === 'action.decided') {
    const before = action.decision
    if (before !== undefined) {
      demand(before.event.facts.answer === 'ask', where, `the action ${id} was decided before`)
      demand(isSettled(fold, action), where, `the action ${id} is decided again though its prompt is open`)
      action.asks = [...action.asks, before]
    }
    action.decision = { event, ledger: fold.ledger, labels: [...fold.labels].sort() }
  } else if (event.kind === 'action.revoked') {
    demand(action.decision?.event.facts.answer === 'allow', where, `the action ${id} had no certificate`)
    demand(action.revoked === undefined, where, `the action ${id} was revoked before`)
    action.revoked = event
  } else {
    action.settled = event
    for (const label of event.facts.labels ?? []) fold.labels.add(label)
  }
}

function recordPrompt(
  { runs, prompts }: Fold,
  where: string,
  event: Extract<JournalEvent, { kind: `prompt.${string}` }>,
): void {
  const id = event.facts.prompt
  if (event.kind === 'prompt.opened') {
    demand(!prompts.has(id), where, `the prompt ${id} was opened before`)
    prompts.set(id, { run: present(runs.at(-1), where, 'no run was queued'), opened: event, settled: undefined })
    return
  }
  const prompt = present(prompts.get(id), where, `the prompt ${id} was never opened`)
  demand(prompt.settled === undefined, where, `the prompt ${id} was settled before`)
  if (event.kind !== 'prompt.rejected') prompt.settled = event
}

/** Whether every prompt about the action is settled. */
function isSettled({ prompts }: Fold, { requested }: ActionRecord): boolean {
  const about = [...prompts.values()].filter(({ opened }) => opened.facts.action === requested.facts.action)
  return about.every(({ settled }) => settled !== undefined)
}
