import { availableOf, moveLedger } from '../domain/budget.ts'
import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import { ledgerMoveOfAll } from '../domain/ledger-moves.ts'
import type { RunConfig } from '../domain/task.ts'
import type { ToolOffer } from '../model/model.ts'
import type { Attempt, Pending, PreparedRun, RunSteps } from './attempt.ts'
import { type CallPlan, inputTokensMax, planCall } from './plan-call.ts'
import type { UnsentCall } from './reserved-call.ts'
import type { RunnerDeps } from './runner-deps.ts'
import { syncJournal } from './sync-journal.ts'

/**
 * Starts a step: commits the pending writes together with the reservation for the step's call. Answers `exhausted` where the
 * budget does not pay for a call (then only the pending writes are committed), and `stopped` where a stop was requested
 * meanwhile (then nothing is committed).
 */
export async function* reserveCall(
  attempt: Attempt,
  step: number,
  tools: readonly ToolOffer[],
  pending: Pending,
): RunSteps<UnsentCall | 'exhausted' | 'stopped'> {
  const { journal, control } = attempt
  const { provider, model } = journal.snapshot.run.config.model
  for (;;) {
    const plan = await planNext(attempt, tools, pending.events)
    if (plan === undefined) {
      yield pending
      return 'exhausted'
    }
    const started = journal.event('step.started', { step, model, provider, reserved: plan.reserved })
    if (yield { ...pending, events: [...pending.events, started], onlyIfUnchanged: true }) {
      const call: UnsentCall = { phase: 'reserved', step, tryNumber: 1, ...plan }
      control.call = call
      return call
    }
    await syncJournal(attempt)
    if (control.stopAt !== 'never') return 'stopped'
  }
}

/**
 * Returns the call that is reserved for and not sent: the first one, which the claim started, or one that waits for its next
 * try.
 */
export function unsentCall({ control: { call } }: Attempt): UnsentCall | undefined {
  return call?.phase === 'reserved' ? call : undefined
}

/** Plans the next call after these events. Answers undefined where the budget does not hold it. */
export function planNext(
  { deps, journal, conversation, instructions }: Attempt,
  tools: readonly ToolOffer[],
  pending: readonly NewEvent[],
): Promise<CallPlan | undefined> {
  return planStep(deps, journal.snapshot, { conversation, instructions }, pending, tools)
}

/** Plans like `planNext`, for a run that no attempt has yet. */
export function planStep(
  deps: Pick<RunnerDeps, 'models' | 'limits' | 'tools'>,
  { task, run }: TaskSnapshot,
  { conversation, instructions }: PreparedRun,
  pending: readonly NewEvent[],
  tools: readonly ToolOffer[] = offersFor(deps, run.config),
): Promise<CallPlan | undefined> {
  const move = ledgerMoveOfAll(pending)
  const ledger = move === undefined ? task.ledger : moveLedger(task.ledger, move)
  const input = inputTokensMax(conversation, instructions, tools)
  const outputMax = deps.limits.output_tokens_per_step_max
  return planCall(deps.models, run.config.model, input, outputMax, availableOf(ledger))
}

/** Lists the tools of the run as the model is offered them. A tool that is no longer installed is left out. */
export function offersFor(deps: Pick<RunnerDeps, 'tools'>, config: RunConfig): ToolOffer[] {
  return config.tools.flatMap((name) => {
    const tool = deps.tools.get(name)
    return tool === undefined ? [] : [{ name, description: tool.description, inputSchema: tool.inputSchema }]
  })
}
