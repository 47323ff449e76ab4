import { type Attempt, nothingPending, type Pending, type RunSteps } from './attempt.ts'
import { chargeInterrupted } from './call-charges.ts'
import { closeAction } from './conversation.ts'
import { runToolCalls, type ToolCallsEnd } from './run-tool-calls.ts'
import { settleInterrupted } from './settle-action.ts'

/** Settles what an earlier attempt left behind, and runs the actions that are open. */
export async function* recoverRun(attempt: Attempt): RunSteps<ToolCallsEnd> {
  yield* recoverCall(attempt)
  if (attempt.conversation.open.length === 0) return { kind: 'settled', pending: nothingPending() }
  return yield* runToolCalls(attempt, attempt.conversation.step, interruptActions(attempt))
}

/** Charges a model call that an earlier attempt reserved for and did not end. */
export async function* recoverCall(attempt: Attempt): RunSteps<void> {
  const { deps, journal, conversation } = attempt
  const { call } = conversation
  if (call === undefined) return
  const { model } = journal.snapshot.run.config
  const charge = await chargeInterrupted(call, (usage) => deps.models.priceMicrosUsd(model, usage))
  const { step, tryNumber, reserved } = call
  const facts = { step, try: tryNumber, reason: 'lost' as const, released: reserved, ...charge }
  yield { events: [journal.event('model.interrupted', facts)], contents: [] }
  conversation.call = undefined
}

const unknownOutcome =
  'The server stopped while this call was under way. Its outcome is unknown: it may or may not have happened, and it was not done again.'

/**
 * Settles actions that were allowed and have no result. They may have begun, so they are charged for. An action that is safe
 * to repeat is requested again, under a new id that names the first. The outcome of any other is unknown, and the model reads
 * so. Actions that were not allowed yet stay open.
 */
export function interruptActions(attempt: Attempt): Pending {
  const { deps, journal, conversation } = attempt
  const { step } = conversation
  const pending = nothingPending()
  for (const open of [...conversation.open]) {
    // A question has no work of its own, and what is not approved yet has not begun.
    if (open.allowed === null || open.prompt?.kind === 'question') continue
    if (deps.tools.get(open.tool)?.safeToRepeat) {
      settleInterrupted(attempt, step, open, pending)
      const again = { ...open, action: deps.randomness.newId(), allowed: null, repeats: open.action }
      const facts = { step, action: again.action, tool: open.tool, call: open.call, repeats: open.action }
      pending.events.push(journal.event('action.requested', facts, { arguments: open.arguments.digest }))
      conversation.open = conversation.open.map((other) => (other.action === open.action ? again : other))
    } else {
      settleInterrupted(attempt, step, open, pending, journal.text(unknownOutcome))
      closeAction(conversation, open, true, unknownOutcome)
    }
  }
  return pending
}

/** Settles every open action of a run that ends now. Whether they happened is unknown. */
export function settleOpenActions(attempt: Attempt): Pending {
  const { conversation } = attempt
  const pending = nothingPending()
  for (const open of conversation.open) settleInterrupted(attempt, conversation.step, open, pending)
  return pending
}
