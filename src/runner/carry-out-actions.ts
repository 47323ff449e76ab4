import type { Content } from '../domain/content.ts'
import type { ActionOutcome, NewEvent } from '../domain/event.ts'
import type { JsonObject, JsonValue } from '../domain/json.ts'
import type { Decision } from '../guard/verify-action.ts'
import type { ToolCall } from '../model/model.ts'
import { checkInput } from '../tool/check-input.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt, RunSteps } from './attempt.ts'
import { addResult, type OpenAction } from './conversation.ts'
import { performAction } from './perform-action.ts'

/** The intents of a response: one event per tool call, with its arguments beside it. */
export function requestActions(attempt: Attempt, step: number, calls: readonly ToolCall[]) {
  const events: NewEvent[] = []
  const contents: Content[] = []
  const actions: OpenAction[] = []
  for (const call of calls) {
    const action = attempt.rooms.randomness.newId()
    const content = attempt.journal.text(JSON.stringify(call.input), 'application/json')
    contents.push(content)
    const facts = { step, action, tool: call.tool, call: call.id }
    events.push(attempt.journal.event('action.requested', facts, { arguments: content.digest }))
    const { tool, id, input } = call
    actions.push({ action, tool, call: id, input, arguments: content.digest, allowed: false })
  }
  return { events, contents, actions }
}

/**
 * Carries out what is open, in the order the model asked for it. `pending` is committed together with the first decision:
 * intent, decision and (later) statement are on disk before a tool runs, the result before the model sees it.
 */
export async function* carryOutActions(
  attempt: Attempt,
  step: number,
  pending: {
    events: NewEvent[]
    contents: Content[]
  },
): RunSteps<void> {
  const { rooms, journal, conversation, control } = attempt
  let { events, contents } = pending
  let taken = 0
  while (conversation.open.length > 0) {
    const [open] = conversation.open
    if (open === undefined) break
    taken += 1
    const ready = taken > rooms.limits.tool_calls_per_step_max ? tooMany(attempt) : await decide(attempt, step, open)
    if (ready.decided !== undefined) events.push(ready.decided)
    if (ready.perform === undefined) {
      const result = journal.text(ready.refusal)
      events.push(settled(attempt, step, open, ready.outcome, 0, result))
      contents.push(result)
      close(attempt, open, true, ready.refusal)
      continue
    }
    yield { events, contents }
    control.openCall = undefined
    const { tool, input } = ready.perform
    const done = await performAction(attempt, step, open.action, tool, input)
    const result = journal.text(done.output)
    const more = { ...(done.manifest && { manifest: done.manifest }), ...(done.truncated && { truncated: true }) }
    events = [settled(attempt, step, open, done.failed ? 'failed' : 'settled', done.durationMs, result, more)]
    contents = [result]
    close(attempt, open, done.failed, done.output)
    if (control.stopAt !== 'never' && conversation.open.length > 0) {
      yield { events, contents, boundary: true }
      events = []
      contents = []
    }
  }
  yield { events, contents, boundary: true }
  control.openCall = undefined
}

interface Ready {
  readonly decided?: NewEvent
  readonly perform?: { readonly tool: Tool; readonly input: JsonObject }
  readonly refusal: string
  readonly outcome: ActionOutcome
}

function tooMany({ rooms }: Attempt): Ready {
  const limit = rooms.limits.tool_calls_per_step_max
  return { outcome: 'failed', refusal: `Only ${limit} calls are carried out per step (tool_calls_per_step_max).` }
}

async function decide(attempt: Attempt, step: number, open: OpenAction): Promise<Ready> {
  const { rooms, journal, conversation } = attempt
  const { config } = journal.snapshot.run
  const tool = config.tools.includes(open.tool) ? rooms.tools.get(open.tool) : undefined
  if (tool === undefined) {
    return {
      outcome: 'failed',
      refusal: `There is no tool ${open.tool}. There are: ${config.tools.join(', ') || 'none'}.`,
    }
  }
  const wrong = checkInput(tool.inputSchema, open.input)
  if (wrong.length > 0 || !isObject(open.input)) {
    const reasons = wrong.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return { outcome: 'failed', refusal: `The arguments do not fit the tool ${tool.name}. ${reasons}` }
  }
  const decision: Decision = await rooms.guard.verify({
    action: open.action,
    tool: tool.name,
    required: tool.capabilitiesFor(open.input),
    granted: config.capabilities,
  })
  conversation.lastAnswer = decision.answer
  const decided = journal.event('action.decided', { step, action: open.action, ...decision })
  if (decision.answer === 'allow') {
    return { decided, perform: { tool, input: open.input }, outcome: 'settled', refusal: '' }
  }
  const refusal = JSON.stringify({ denied: true, tool: tool.name, rules: decision.rules, reason: decision.reason })
  return { decided, outcome: 'denied', refusal }
}

function settled(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  outcome: ActionOutcome,
  durationMs: number,
  result?: Content,
  more: { manifest?: string; truncated?: boolean } = {},
): NewEvent {
  const facts = { step, action: open.action, outcome, duration_ms: durationMs, ...more }
  return attempt.journal.event('action.settled', facts, result === undefined ? {} : { result: result.digest })
}

function close(attempt: Attempt, open: OpenAction, failed: boolean, output: string): void {
  const { conversation } = attempt
  conversation.open = conversation.open.filter((other) => other !== open)
  addResult(conversation, open.call, open.tool, failed, output)
}

const unknownOutcome =
  'The server stopped while this call was under way. Its outcome is unknown: it may or may not have happened, and it was not done again.'

/**
 * What a crash left open: an action that was decided may have begun. One that is safe to repeat is asked for again, under a
 * new id that names the first; the outcome of any other is unknown, and the model is told so.
 */
export function settleInterrupted(attempt: Attempt): { events: NewEvent[]; contents: Content[] } {
  const { rooms, journal, conversation } = attempt
  const step = conversation.step
  const events: NewEvent[] = []
  const contents: Content[] = []
  for (const open of [...conversation.open]) {
    if (!open.allowed) continue
    if (rooms.tools.get(open.tool)?.safeToRepeat) {
      const again = { ...open, action: rooms.randomness.newId(), allowed: false }
      const facts = { step, action: again.action, tool: open.tool, call: open.call, repeats: open.action }
      events.push(settled(attempt, step, open, 'unknown', 0))
      events.push(journal.event('action.requested', facts, { arguments: open.arguments }))
      conversation.open = conversation.open.map((other) => (other === open ? again : other))
    } else {
      const result = journal.text(unknownOutcome)
      contents.push(result)
      events.push(settled(attempt, step, open, 'unknown', 0, result))
      close(attempt, open, true, unknownOutcome)
    }
  }
  return { events, contents }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
