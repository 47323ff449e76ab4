import { readableText } from '../../../domain/content.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import { findLastMessage } from '../../../engine/queries/find-last-message.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { isOwn } from './accept-task.ts'
import { type CreateTask, completionDeliveries, neoModels, type Part } from './contract/create-task.ts'
import { runOptionsOf } from './extension.ts'
import { readTaskId } from './request.ts'

/**
 * Converts a request that repeats the last answer into one that sends the last message of the user again. The message
 * comes from the journal, never from the request, and options that the request leaves out are those of the last run.
 * A request for a task that the caller cannot continue is returned unchanged. Refuses `task_busy` while a run is in
 * progress, and `invalid_input` for an answer before the last one and for a message that can no longer be read.
 */
export async function repeatMessage(deps: ServerDeps, principal: Principal, body: CreateTask): Promise<CreateTask> {
  const id = readTaskId(body.id)
  const known = id === undefined ? undefined : await deps.store.readSnapshot(id)
  if (known === undefined || !isOwn(principal, known)) return body
  if (!isTerminal(known.run.state)) {
    throw new Refusal('task_busy', 'The task is at work: its last answer is not there yet.', { retryAfterMs: 1_000 })
  }
  await refuseEarlier(deps, known, body.messageId)
  const parts = await lastMessage(deps, known)
  return { ...lastOptions(known), ...body, message: { parts } }
}

/** Refuses to repeat an earlier answer, because the messages after it would then answer to nothing. */
async function refuseEarlier({ store }: ServerDeps, { task, run }: TaskSnapshot, messageId = ''): Promise<void> {
  const [answered] = messageId.split('.')
  const runs = answered === run.id ? [] : await store.listRuns(task.id)
  if (!runs.some(({ id }) => id === answered)) return
  const fields = [{ field: 'messageId', message: 'must be the last answer of the chat, or left out' }]
  throw new Refusal('invalid_input', 'Only the last answer can be made again.', { fields })
}

async function lastMessage({ store }: ServerDeps, { task, run }: TaskSnapshot): Promise<Part[]> {
  const { files } = runOptionsOf(run)
  const digest = (await findLastMessage(store, task)) ?? run.input
  const text = readableText((await store.readContents([digest])).get(digest))
  if (text === undefined) {
    const fields = [{ field: 'trigger', message: 'must be submit-message: the last message can no longer be read' }]
    throw new Refusal('invalid_input', 'The last message can no longer be read.', { fields })
  }
  const named = digest === run.input ? files : []
  const shown = named.map(
    ({ media_type, name, url }): Part => ({
      type: 'file',
      ...(media_type !== null && { media_type }),
      ...(name !== null && { name }),
      ...(url !== null && { url }),
    }),
  )
  return [{ type: 'text', text }, ...shown]
}

/** Reads the options of the last run as the fields of a request. */
function lastOptions({ run }: TaskSnapshot): CreateTask {
  const { mode, ask_question, auto_execute, completion_delivery, file_keys, max_iterations, sandbox_id, secrets } =
    runOptionsOf(run)
  const model = neoModels.find((name) => name === run.config.model.name)
  const delivery = completionDeliveries.find((name) => name === completion_delivery)
  return {
    mode,
    ask_question,
    auto_execute,
    max_iterations,
    file_keys: [...file_keys],
    secrets: [...secrets],
    max_steps: run.config.stepsMax,
    ...(delivery !== undefined && { completion_delivery: delivery }),
    ...(sandbox_id !== null && { sandbox_id }),
    ...(model !== undefined && { model }),
  }
}
