import type { Content } from '../domain/content.ts'
import { type CallInterruption, type EventFacts, isAbout, type JournalEvent, type NewEvent } from '../domain/event.ts'
import type { Run, Task } from '../domain/task.ts'
import { unreachable } from '../domain/unreachable.ts'
import { contentOf } from '../proof/digests.ts'
import { interruptCall } from '../runner/record-call.ts'
import type { LostCall, ReservedCall } from '../runner/reserved-call.ts'
import type { EngineDeps } from './engine-deps.ts'

const pageSize = 512

/** The work of a run that has begun and is not settled. */
export interface OpenWork {
  readonly call: LostCall | undefined
  readonly actions: readonly OpenActionFacts[]
  /** The prompts that people can still answer. */
  readonly prompts: readonly string[]
}

/** An action that has no settlement, as its events tell it. */
export interface OpenActionFacts {
  readonly step: number
  readonly action: string
  /** The micro-dollars that are reserved for it; zero for an action that was not allowed yet. */
  readonly reservedMicrosUsd: number
}

/**
 * Reads the open work of a run from its journal. All of it belongs to the run's last step, so the journal is read back to
 * that step only, however long it is.
 */
export async function readOpenWork(
  deps: Pick<EngineDeps, 'store'>,
  { id: taskId, lastSeq }: Task,
  run: Run,
): Promise<OpenWork> {
  const actions = new Map<string, OpenActionFacts>()
  const prompts = new Set<string>()
  let call: OpenWork['call']
  for (const event of await readLastStep(deps, taskId, lastSeq, run)) {
    if (event.run !== run.id || isAbout(event, 'task', 'message', 'run', 'attempt', 'budget')) continue
    switch (event.kind) {
      case 'step.started':
        call = { phase: 'lost', step: event.facts.step, tryNumber: 1, reserved: event.facts.reserved }
        break
      case 'model.responded':
      case 'model.interrupted':
        call = undefined
        break
      case 'model.failed':
        call = nextTry(event.facts)
        break
      case 'action.requested':
        actions.set(event.facts.action, { ...event.facts, reservedMicrosUsd: 0 })
        break
      case 'action.decided':
        actions.set(event.facts.action, { ...event.facts, reservedMicrosUsd: event.facts.reserved_micros_usd })
        break
      case 'action.settled':
        actions.delete(event.facts.action)
        break
      case 'prompt.opened':
        prompts.add(event.facts.prompt)
        break
      case 'prompt.answered':
      case 'prompt.expired':
      case 'prompt.withdrawn':
        prompts.delete(event.facts.prompt)
        break
      case 'prompt.rejected':
      case 'action.revoked':
        break
      default:
        unreachable(event)
    }
  }
  return { call, actions: [...actions.values()], prompts: [...prompts] }
}

async function readLastStep(
  { store }: Pick<EngineDeps, 'store'>,
  taskId: string,
  lastSeq: number,
  run: Run,
): Promise<readonly JournalEvent[]> {
  const pages: JournalEvent[][] = []
  for (let until = lastSeq; until > 0; until -= pageSize) {
    const after = Math.max(0, until - pageSize)
    const page = await store.readEvents(taskId, after, until - after)
    pages.unshift(page)
    if (page.some((event) => event.run === run.id && beginsStep(event))) break
  }
  return pages.flat()
}

function beginsStep({ kind }: JournalEvent): boolean {
  return kind === 'step.started' || kind === 'run.queued'
}

function nextTry({ step, try: tried, reserved }: EventFacts['model.failed']): OpenWork['call'] {
  return reserved === undefined ? undefined : { phase: 'lost', step, tryNumber: tried + 1, reserved }
}

/**
 * Settles the open work of a run that is ended by somebody who does not drive it: a cancel, the rescuer, the timekeeper.
 * Its prompts are withdrawn. Whether an action happened is unknown, and what was reserved for it is spent. A call is charged by what is known of it
 * (runner/call-charges.ts). Writes nothing.
 */
export async function settleOpenWork(
  deps: Pick<EngineDeps, 'models' | 'randomness'>,
  { call, actions, prompts }: Omit<OpenWork, 'call'> & { readonly call: ReservedCall | undefined },
  run: Run,
  at: number,
  reason: CallInterruption,
): Promise<{ readonly events: NewEvent[]; readonly contents: Content[] }> {
  const envelope = { run: run.id, attempt: run.attempt === 0 ? null : run.attempt, at, contents: {} }
  const settled = [
    ...prompts.map(
      (prompt): NewEvent => ({ ...envelope, kind: 'prompt.withdrawn', facts: { prompt, reason: 'run_ended' } }),
    ),
    ...actions.map((one): NewEvent => ({ ...envelope, kind: 'action.settled', facts: interrupted(one) })),
  ]
  if (call === undefined) return { events: settled, contents: [] }
  const { facts, text, reasoning } = await interruptCall(deps.models, run.config.model, call, reason)
  const kept = Object.entries({ text, reasoning }).flatMap(([role, body]) =>
    body === '' ? [] : [{ role, content: contentOf(deps.randomness.newSalt(), body, 'text/plain') }],
  )
  const refs = Object.fromEntries(kept.map(({ role, content }) => [role, content.digest]))
  return {
    events: [{ ...envelope, kind: 'model.interrupted', facts, contents: refs }, ...settled],
    contents: kept.map(({ content }) => content),
  }
}

/** An action whose outcome nobody knows counts as spent. */
function interrupted({ step, action, reservedMicrosUsd }: OpenActionFacts): EventFacts['action.settled'] {
  return {
    step,
    action,
    outcome: 'unknown',
    duration_ms: 0,
    cost_micros_usd: reservedMicrosUsd,
    released_micros_usd: reservedMicrosUsd,
  }
}
