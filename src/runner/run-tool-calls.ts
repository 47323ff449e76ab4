import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ToolCall } from '../model/model.ts'
import { checkInput } from '../tool/check-input.ts'
import { askPerson } from './ask-person.ts'
import { type Attempt, nothingPending, type Pending, type RunSteps } from './attempt.ts'
import { awaitsAnswer, closeAction, type OpenAction, recordDecision, recordPrompt } from './conversation.ts'
import { type Guarded, guardAction } from './guard-action.ts'
import { inspectResult } from './inspect-result.ts'
import { expiryOf } from './issue-statements.ts'
import { performAction } from './perform-action.ts'
import { refuseAction, settleAction, settledEvent } from './settle-action.ts'
import { syncJournal } from './sync-journal.ts'
import { takeAnswer } from './take-answer.ts'
import { newArguments } from './tool-arguments.ts'

/** Makes the intents of a response: one event for each tool call, and a content with its arguments. */
export function requestActions(attempt: Attempt, step: number, calls: readonly ToolCall[]) {
  const { deps, journal } = attempt
  const events: NewEvent[] = []
  const contents: Content[] = []
  const actions: OpenAction[] = []
  for (const { id: call, tool, input } of calls) {
    const action = deps.randomness.newId()
    const made = newArguments(deps.randomness.newSalt(), input)
    contents.push(made.content)
    events.push(journal.event('action.requested', { step, action, tool, call }, { arguments: made.content.digest }))
    actions.push({
      action,
      tool,
      call,
      arguments: made.arguments,
      repeats: null,
      allowed: null,
      prompt: null,
      asked: null,
    })
  }
  return { events, contents, actions }
}

/**
 * How the tool calls of a step ended: all are settled, and the last settlements are still to be committed; all that are left
 * wait for people, and that is committed; or a prompt was not answered in time, and declared that the run ends then.
 */
export type ToolCallsEnd =
  | { readonly kind: 'settled'; readonly pending: Pending }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'unanswered'; readonly onExpiry: 'fail' | 'cancel'; readonly pending: Pending }

/**
 * Runs the open actions of a step in the order in which the model asked for them. What is pending is committed together with
 * the first decision: intent, decision and statement are on disk before a tool runs, and its result before the model reads
 * it. An action that a person is asked about is passed over, and taken up again when its prompt is settled. A stop leaves the
 * actions open that have not begun.
 */
export async function* runToolCalls(attempt: Attempt, step: number, first: Pending): RunSteps<ToolCallsEnd> {
  const { deps, conversation, control } = attempt
  const most = deps.limits.tool_calls_per_step_max
  let pending = first
  for (let taken = 1; ; taken += 1) {
    if (conversation.open.length === 0) return { kind: 'settled', pending }
    const open = conversation.open.find((one) => !awaitsAnswer(one))
    if (control.stopAt !== 'never') {
      yield { ...pending, boundary: true }
      pending = nothingPending()
    }
    if (open === undefined) {
      const waiting = attempt.journal.event('run.waiting', { for: 'prompt' })
      if (yield { ...pending, events: [...pending.events, waiting], onlyIfUnchanged: true }) return { kind: 'waiting' }
      await syncJournal(attempt)
      continue
    }
    if (open.prompt !== null) {
      const { onExpiry, settled } = open.prompt
      if (settled?.by === 'expiry' && (onExpiry === 'fail' || onExpiry === 'cancel')) {
        return { kind: 'unanswered', onExpiry, pending }
      }
      if (open.prompt.kind === 'question') {
        await takeAnswer(attempt, step, open, open.prompt, pending)
        continue
      }
    }
    // An action that a person was asked about was within the limit when it was asked.
    if (taken > most && open.asked === null) {
      const reason = `Only ${most} calls are made per step (tool_calls_per_step_max).`
      refuseAction(attempt, step, open, pending, reason)
      continue
    }
    const guarded = yield* decide(attempt, step, open, pending)
    if (guarded === 'stopped' || guarded === 'refused') continue
    pending = nothingPending()
    if (guarded.answer === 'allow' && guarded.tool.ask === undefined)
      await perform(attempt, step, open, guarded, pending)
  }
}

/**
 * Commits the guard's decision on one action after the pending writes. A decision from a journal that others have appended to
 * since is made again. `refused`: the guard was not asked, since the call fits no tool. `stopped`: a stop was requested
 * meanwhile, and nothing was committed.
 */
async function* decide(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  pending: Pending,
): RunSteps<Guarded | 'refused' | 'stopped'> {
  for (;;) {
    const guarded = await guardAction(attempt, step, open, pending.events)
    if (guarded.kind === 'unfit') {
      refuseAction(attempt, step, open, pending, guarded.refusal)
      return 'refused'
    }
    const events = [...pending.events, guarded.decided]
    const contents = [...pending.contents, ...guarded.contents]
    const asked = askPerson(attempt, step, open, guarded)
    if (asked !== undefined) {
      events.push(asked.event)
      contents.push(asked.payload)
    }
    const denied = guarded.answer !== 'deny' ? undefined : attempt.journal.text(guarded.refusal)
    if (denied !== undefined) {
      contents.push(denied)
      events.push(settledEvent(attempt, step, open, { outcome: 'denied', result: denied }))
    }
    const statements = [...pending.statements, guarded.statement]
    if (yield { events, contents, statements, onlyIfUnchanged: true }) {
      recordDecision(attempt.conversation, guarded.decided)
      if (asked !== undefined) recordPrompt(attempt.conversation, asked.event)
      if (denied !== undefined) closeAction(attempt.conversation, open, true, guarded.refusal)
      return guarded
    }
    await syncJournal(attempt)
    if (attempt.control.stopAt !== 'never') return 'stopped'
  }
}

/** Performs an allowed action and settles it, unless something has come in its way since it was certified. */
async function perform(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  guarded: Guarded,
  pending: Pending,
): Promise<void> {
  const { deps, journal, control, conversation } = attempt
  const { tool, input } = guarded
  const certificate = guarded.statement.digest
  const reservedMicrosUsd = guarded.decided.facts.reserved_micros_usd
  const expiresAt = expiryOf(guarded.statement.issuedAt, tool)
  const reason = blockedBecause(attempt, guarded, expiresAt)
  control.used.add(certificate)
  if (reason !== undefined) {
    const result = journal.text(reason)
    settleAction(attempt, step, open, pending, {
      outcome: 'denied',
      result,
      certificate,
      releasedMicrosUsd: reservedMicrosUsd,
    })
    closeAction(conversation, open, true, reason)
    return
  }
  const done = await performAction(attempt, step, open.action, tool, input)
  const at = deps.clock.now()
  const inspected = await inspectResult(attempt, tool, input, done.output)
  settleAction(attempt, step, open, pending, {
    at,
    outcome: done.failed ? 'failed' : 'settled',
    certificate,
    result: inspected.result,
    findings: inspected.findings,
    labels: inspected.labels.filter((label) => !conversation.labels.has(label)),
    durationMs: done.durationMs,
    costMicrosUsd: reservedMicrosUsd,
    releasedMicrosUsd: reservedMicrosUsd,
    late: at > expiresAt,
    manifest: done.manifest,
    truncated: done.truncated,
  })
  closeAction(conversation, open, done.failed, inspected.output)
}

/**
 * Tells, at the last moment before it begins, why a certified action is not performed after all. `perform` marks the
 * certificate as used in the same turn of the event loop, so that a revocation comes before the action or is refused.
 */
function blockedBecause(
  { control, deps }: Attempt,
  { statement, tool, input, redacted }: Guarded,
  expiresAt: number,
): string | undefined {
  if (control.revoked.has(statement.digest)) {
    return 'The permission for this call was taken back before it began. It was not made.'
  }
  if (deps.clock.now() >= expiresAt) return 'The permission for this call ran out before it began. It was not made.'
  // A placeholder for something redacted is a text, which the tool may not take in that place.
  if (redacted && checkInput(tool.inputSchema, input).length > 0) {
    return 'The policy redacted a part of the arguments, and the tool does not take what is left. The call was not made.'
  }
  return undefined
}
