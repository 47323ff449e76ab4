import { setImmediate } from 'node:timers/promises'
import { type Content, type Digest, readableText } from '../../domain/content.ts'
import type { Answer, DecisionInputs } from '../../domain/decision.ts'
import type { EventOf } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Task } from '../../domain/task.ts'
import type { RecordedAction, RedecidedAction } from '../../guard/policy/redecide-all.ts'
import { workerJob } from '../../worker-pool/worker-pool.ts'
import { invalidPolicy } from '../commands/add-policy.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkPolicyTexts, type PolicyTexts, readPolicyOf } from './list-policies.ts'

/** The policy to try, and the recorded actions to try it on. */
export interface WhatIfRequest {
  /** The name or digest of a policy, or the texts of one that is not stored. */
  readonly policy: string | PolicyTexts
  /** Only actions that were decided from this instant on are examined, in milliseconds since 1970. */
  readonly since: number
  /** The most actions to examine; at most `what_if_actions_max`. */
  readonly limit: number
  /** The cursor of an earlier answer, from which this one goes on. */
  readonly cursor?: string | undefined
}

/** A recorded action that the policy would decide otherwise. */
export interface WhatIfChange {
  readonly task: string
  readonly taskNumber: number
  readonly run: string
  readonly action: string
  readonly tool: string
  readonly at: number
  readonly was: Answer
  readonly would: Answer
  /** The rules and the reason of the decision under the policy. */
  readonly rules: readonly string[]
  readonly reason: string
}

/** The actions that would be decided otherwise, among those that were examined. */
export interface WhatIfAnswer {
  readonly examined: number
  /** The examined actions that cannot be decided again, since the contents they were decided from were purged. */
  readonly unreadable: number
  readonly changes: readonly WhatIfChange[]
  /** The cursor to go on from; null where everything was examined. */
  readonly cursor: string | null
  readonly more: boolean
}

const tasksAtOnce = 100
/** The most tasks that one call reads, whether or not they hold actions. */
const tasksMax = 5_000
const eventsAtOnce = 100
/** The most actions, and characters, that are handed to a worker at once. */
const batchActionsMax = 50
const batchCharsMax = 1024 * 1024

const redecideJob = workerJob<typeof import('../../guard/policy/redecide-all.ts').redecideAll>(
  new URL('../../guard/policy/redecide-all.ts', import.meta.url),
  'redecideAll',
)

type DecideBatch = (actions: readonly RecordedAction[]) => Promise<readonly RedecidedAction[]>

interface Place {
  /** The number of the last task that is done. */
  readonly number: number
  /** The seq up to which the next task is done. */
  readonly seq: number
}

interface Tally {
  examined: number
  unreadable: number
  readonly changes: WhatIfChange[]
  /** Actions that are examined with the next batch. */
  batch: { readonly task: Task; readonly event: EventOf<'action.decided'>; readonly action: RecordedAction }[]
  /** Characters of what the batch was decided from. */
  chars: number
}

/**
 * Decides recorded actions again as if their runs had been under another policy, and lists each answer that would change: of
 * all tasks for roles that read everything, else of the caller's own. It cannot tell what would have followed, since the
 * model would have gone on otherwise. The work of a call is bounded and done by a worker; `cursor` goes on. Changes nothing.
 * Refuses `policy_not_found`, `policy_invalid`, `invalid_input`, and `limit_exceeded` or `overloaded` where no worker gets it
 * done.
 */
export async function whatIf(deps: EngineDeps, principal: Principal, request: WhatIfRequest): Promise<WhatIfAnswer> {
  const { limit, since } = request
  const most = deps.limits.what_if_actions_max
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw schemaError('limit', `must be from 1 to ${most} (what_if_actions_max)`, 'what_if_actions_max')
  }
  let { number, seq } = readCursor(request.cursor)
  const candidate = await readCandidate(deps, principal, request.policy)
  const decide = createDecideBatch(deps, principal, candidate)
  const tally: Tally = { examined: 0, unreadable: 0, changes: [], batch: [], chars: 0 }
  const answer = async (cursor: string | null): Promise<WhatIfAnswer> => {
    await examineBatch(tally, decide)
    const { examined, unreadable, changes } = tally
    return { examined, unreadable, changes, cursor, more: cursor !== null }
  }
  for (let tasksRead = 0; tasksRead < tasksMax; ) {
    const tasks = await deps.store.listTasksSince(since, number, tasksAtOnce)
    for (const { id, number: next } of tasks) {
      const task = await deps.store.readTask(id)
      if (task !== undefined && isTheirs(principal, task)) {
        const stopped = await examineTask(deps, decide, task, { since, limit, after: seq }, tally)
        if (stopped !== undefined) return await answer(`${number}.${stopped}`)
      }
      number = next
      seq = 0
      await setImmediate()
    }
    tasksRead += tasks.length
    if (tasks.length < tasksAtOnce) return await answer(null)
  }
  return await answer(`${number}.0`)
}

function isTheirs(principal: Principal, { ownerId, agentId }: Task): boolean {
  if (principal.agentId !== null && principal.agentId !== agentId) return false
  return may(principal, 'readAll') || ownerId === principal.userId
}

function readCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return { number: 0, seq: 0 }
  const [, number, seq] = /^(\d{1,15})\.(\d{1,15})$/u.exec(cursor) ?? []
  if (number === undefined || seq === undefined) throw schemaError('cursor', 'must be one that an answer gave')
  return { number: Number(number), seq: Number(seq) }
}

async function readCandidate(
  deps: EngineDeps,
  principal: Principal,
  policy: WhatIfRequest['policy'],
): Promise<PolicyVersion> {
  if (typeof policy === 'string') return (await readPolicyOf(deps, policy)).version
  const { version, problems } = await checkPolicyTexts(deps, principal, policy)
  if (version === null) throw invalidPolicy(problems)
  return version
}

/**
 * Examines the actions of one task. Answers with the seq that it reached where the limit came first, and with undefined at
 * the end.
 */
async function examineTask(
  deps: Pick<EngineDeps, 'store'>,
  decide: DecideBatch,
  task: Task,
  { since, limit, after }: { readonly since: number; readonly limit: number; readonly after: number },
  tally: Tally,
): Promise<number | undefined> {
  for (let position = after; ; ) {
    const events = await deps.store.readEvents(task.id, position, eventsAtOnce)
    const decided = events.filter(
      (event): event is EventOf<'action.decided'> => event.kind === 'action.decided' && event.at >= since,
    )
    for (const event of decided) {
      if (tally.examined >= limit) return event.seq - 1
      await collect(deps, task, event, tally)
      if (tally.batch.length >= batchActionsMax || tally.chars >= batchCharsMax) await examineBatch(tally, decide)
    }
    const last = events.at(-1)
    if (last === undefined || events.length < eventsAtOnce) return undefined
    position = last.seq
    await setImmediate()
  }
}

/** Reads the inputs and arguments of an action for the next batch. */
async function collect(
  deps: Pick<EngineDeps, 'store'>,
  task: Task,
  event: EventOf<'action.decided'>,
  tally: Tally,
): Promise<void> {
  tally.examined += 1
  const inputs = readableText(await readContent(deps, event.contents['inputs']))
  const digest = inputs === undefined ? undefined : argumentsOf(inputs)
  const content = digest === undefined ? undefined : await readContent(deps, digest)
  const argumentsText = readableText(content)
  if (inputs === undefined || content === undefined || argumentsText === undefined) {
    tally.unreadable += 1
    return
  }
  tally.batch.push({ task, event, action: { inputs, argumentsText, salt: content.salt } })
  tally.chars += inputs.length + argumentsText.length
}

function argumentsOf(inputs: string): Digest {
  return (JSON.parse(inputs) as DecisionInputs).arguments // written by the runner
}

async function examineBatch(tally: Tally, decide: DecideBatch): Promise<void> {
  const { batch } = tally
  tally.batch = []
  tally.chars = 0
  if (batch.length === 0) return
  const decided = await decide(batch.map(({ action }) => action))
  for (const [at, { task, event }] of batch.entries()) {
    const found = decided[at]
    const { facts, run } = event
    if (found === undefined || found.answer === facts.answer) continue
    const { answer, rules, reason, tool } = found
    const change = {
      task: task.id,
      taskNumber: task.number,
      run: run ?? '',
      action: facts.action,
      tool,
      at: event.at,
      was: facts.answer,
    }
    tally.changes.push({ ...change, would: answer, rules, reason })
  }
}

/** All batches of one request together have the time of one job. */
function createDecideBatch(
  { workers, limits, clock }: Pick<EngineDeps, 'clock' | 'limits' | 'workers'>,
  { userId }: Principal,
  candidate: PolicyVersion,
): DecideBatch {
  let leftMs = limits.worker_timeout_ms
  return async (actions) => {
    const begun = clock.now()
    const options = { user: userId, timeout: { ms: Math.max(1, leftMs), limit: 'worker_timeout_ms' as const } }
    const decided = await workers.requests.run(redecideJob, [candidate, actions], options)
    leftMs -= clock.now() - begun
    return decided
  }
}

async function readContent({ store }: Pick<EngineDeps, 'store'>, digest = ''): Promise<Content | undefined> {
  return digest === '' ? undefined : (await store.readContents([digest])).get(digest)
}

function schemaError(field: string, message: string, limit?: string): Refusal {
  const detail = { fields: [{ field, message }], limit }
  return new Refusal('invalid_input', `${field} ${message}.`, detail)
}
