import type { Agent } from '../../../domain/agent.ts'
import { type Digest, purgedPlaceholder, readableText, sealedPlaceholder } from '../../../domain/content.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { Run } from '../../../domain/task.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import { findLastMessage } from '../../../engine/queries/find-last-message.ts'
import type { OpenPrompt } from '../../../engine/queries/read-open-prompts.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { instantOf } from '../../edge/instants.ts'
import type { Task } from './contract/task.ts'
import { presentInteraction } from './interactions.ts'
import { messageExtensionOf } from './request.ts'
import { cancelledMessage, controlStateOf, statusWords } from './states.ts'

/** Shows a task as it is polled: its latest turn. The caller reads what it asks. */
export async function presentTask(
  context: Pick<EdgeContext, 'deps' | 'publicUrl'>,
  snapshot: AccessedTask,
  { number }: Agent,
  open: readonly OpenPrompt[] = [],
): Promise<Task> {
  const { deps } = context
  const { task, run } = snapshot
  const input = await turnInputOf(deps, snapshot)
  const contents = await deps.store.readContents(run.result === null ? [input] : [input, run.result])
  const asked = contents.get(input)
  const { metadata = task.metadata } = messageExtensionOf(run)
  return {
    task_id: task.number,
    agent_id: number,
    status: statusWords[run.state],
    input: readableText(asked) ?? (asked === undefined ? purgedPlaceholder : sealedPlaceholder),
    output: readableText(contents.get(run.result ?? '')) ?? null,
    error: errorOf(run),
    created_at: instantOf(task.createdAt),
    completed_at: isTerminal(run.state) && run.endedAt !== null ? instantOf(run.endedAt) : null,
    run_id: run.id,
    state_version: task.lastSeq,
    control_state: controlStateOf(run),
    metadata,
    pending_interaction: presentInteraction(context, run.state === 'waiting' ? open : []),
  }
}

function errorOf({ state, error }: Run): string | null {
  return state === 'cancelled' ? cancelledMessage : (error?.message ?? null)
}

/**
 * Finds the message of the latest turn. A paused run continues with the message that was added to it, which is then
 * the turn. Only a run that was queued again can be such a one, so that the end of the journal is seldom read.
 */
async function turnInputOf({ store }: ServerDeps, { task, run }: AccessedTask): Promise<Digest> {
  if (run.turn === 1 && run.queuedAt === task.createdAt) return run.input
  return (await findLastMessage(store, task)) ?? run.input
}
