import { setImmediate } from 'node:timers/promises'
import { type Content, type Digest, readableText } from '../../domain/content.ts'
import type { Answer, DecisionInputs } from '../../domain/decision.ts'
import type { EventOf } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Task } from '../../domain/task.ts'
import { scanText } from '../../guard/content/scan-text.ts'
import { dependsOnFindings } from '../../guard/create-guard.ts'
import { redecide } from '../../guard/policy/what-if.ts'
import { invalidPolicy } from '../commands/add-policy.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkPolicyTexts, type PolicyTexts, readPolicyOf } from './list-policies.ts'

export interface WhatIfRequest {
  /** A name or digest, or the texts of one that is not stored. */
  readonly policy: string | PolicyTexts
  /** Actions that were decided from this instant on, milliseconds since 1970. */
  readonly since: number
  /** Actions to examine; at most `what_if_actions_max`. */
  readonly limit: number
  /** Where an answer before this one left off. */
  readonly cursor?: string
}

export interface WhatIfChange {
  readonly task: string
  readonly taskNumber: number
  readonly run: string
  readonly action: string
  readonly tool: string
  readonly at: number
  readonly was: Answer
  readonly would: Answer
  /** Of the decision that it would be. */
  readonly rules: readonly string[]
  readonly reason: string
}

export interface WhatIfAnswer {
  readonly examined: number
  /** Actions among them that cannot be decided again: what they were decided from was purged. */
  readonly unreadable: number
  readonly changes: readonly WhatIfChange[]
  /** Where to go on; null where that was all. */
  readonly cursor: string | null
  readonly more: boolean
}

const tasksAtOnce = 100
/** Tasks that one call looks at, whether or not they hold actions. */
const tasksMax = 5_000
const eventsAtOnce = 100

interface Place {
  /** The number of the last task that is done. */
  readonly number: number
  /** The seq up to which the next task is done. */
  readonly seq: number
}

interface Sum {
  examined: number
  unreadable: number
  readonly changes: WhatIfChange[]
}

/**
 * Decides recorded actions again as if their runs had been under another policy, and tells each answer that would change:
 * of all tasks for roles that read everything, else of the caller's own. What would follow from a change (the model
 * would have gone on otherwise) is not known. Bounded per call; `cursor` goes on. Changes nothing.
 * Refuses `policy_not_found`, `policy_invalid`, `invalid_input`.
 */
export async function whatIf(deps: EngineDeps, principal: Principal, request: WhatIfRequest): Promise<WhatIfAnswer> {
  const { limit, since } = request
  const most = deps.limits.what_if_actions_max
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw schemaError('limit', `must be from 1 to ${most} (what_if_actions_max)`, 'what_if_actions_max')
  }
  let { number, seq } = readCursor(request.cursor)
  const candidate = await readCandidate(deps, request.policy)
  const sum: Sum = { examined: 0, unreadable: 0, changes: [] }
  for (let looked = 0; looked < tasksMax; ) {
    const tasks = await deps.store.listTasksSince(since, number, tasksAtOnce)
    for (const { id, number: next } of tasks) {
      const task = await deps.store.readTask(id)
      if (task !== undefined && isTheirs(principal, task)) {
        const stopped = await examineTask(deps, candidate, task, { since, limit, after: seq }, sum)
        if (stopped !== undefined) return { ...sum, cursor: `${number}.${stopped}`, more: true }
      }
      number = next
      seq = 0
      await setImmediate()
    }
    looked += tasks.length
    if (tasks.length < tasksAtOnce) return { ...sum, cursor: null, more: false }
  }
  return { ...sum, cursor: `${number}.0`, more: true }
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

async function readCandidate(deps: EngineDeps, policy: WhatIfRequest['policy']): Promise<PolicyVersion> {
  if (typeof policy === 'string') return (await readPolicyOf(deps, policy)).version
  const { version, problems } = checkPolicyTexts(policy)
  if (version === null) throw invalidPolicy(problems)
  return version
}

/** Answers with the seq up to which it has come where the limit was reached before the end; undefined at the end. */
async function examineTask(
  deps: EngineDeps,
  candidate: PolicyVersion,
  task: Task,
  { since, limit, after }: { readonly since: number; readonly limit: number; readonly after: number },
  sum: Sum,
): Promise<number | undefined> {
  for (let seen = after; ; ) {
    const events = await deps.store.readEvents(task.id, seen, eventsAtOnce)
    const decided = events.filter(
      (event): event is EventOf<'action.decided'> => event.kind === 'action.decided' && event.at >= since,
    )
    for (const event of decided) {
      if (sum.examined >= limit) return event.seq - 1
      await examine(deps, candidate, task, event, sum)
    }
    const last = events.at(-1)
    if (last === undefined || events.length < eventsAtOnce) return undefined
    seen = last.seq
    await setImmediate()
  }
}

async function examine(
  deps: EngineDeps,
  candidate: PolicyVersion,
  task: Task,
  { facts, contents, at, run }: EventOf<'action.decided'>,
  sum: Sum,
): Promise<void> {
  sum.examined += 1
  const inputs = await readInputs(deps, contents['inputs'])
  const given = inputs && (await readContent(deps, inputs.arguments))
  const text = readableText(given)
  if (inputs === undefined || given === undefined || text === undefined) {
    sum.unreadable += 1
    return
  }
  // As the guard was given it: what the model wrote may have white space.
  const argumentsText = JSON.stringify(JSON.parse(text))
  const { blocked_keywords: keywords } = candidate.document.content
  const findings = dependsOnFindings(candidate) ? scanText(argumentsText, given.salt, { keywords }) : []
  const { would } = redecide(candidate, { ...inputs, findings }, argumentsText, deps.policies.evaluate)
  // One decision may take milliseconds: others get their turn after each.
  await setImmediate()
  if (would.answer === facts.answer) return
  const { answer, rules, reason } = would
  const { tool } = inputs
  sum.changes.push({
    task: task.id,
    taskNumber: task.number,
    run: run ?? '',
    action: facts.action,
    tool,
    at,
    was: facts.answer,
    would: answer,
    rules,
    reason,
  })
}

async function readInputs(deps: EngineDeps, digest: Digest | undefined): Promise<DecisionInputs | undefined> {
  const text = readableText(await readContent(deps, digest))
  return text === undefined ? undefined : JSON.parse(text)
}

async function readContent({ store }: EngineDeps, digest = ''): Promise<Content | undefined> {
  return digest === '' ? undefined : (await store.readContents([digest])).get(digest)
}

function schemaError(field: string, message: string, limit?: string): Refusal {
  const detail = { fields: [{ field, message }], ...(limit !== undefined && { limit }) }
  return new Refusal('invalid_input', `${field} ${message}.`, detail)
}
