import type { NewEvent } from '../../domain/event.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { ServerDeps } from '../server-deps.ts'
import { settlePrompt } from './settle-prompt.ts'

/**
 * Settles a prompt whose time is over by what it declared for that. Answers false where somebody has settled it, or changed
 * its task, in the meantime: then it is looked at again.
 */
export async function expirePrompt(deps: ServerDeps, prompt: Prompt): Promise<boolean> {
  const snapshot = await deps.store.readSnapshot(prompt.taskId)
  if (snapshot === undefined || snapshot.run.id !== prompt.runId) return false
  const event: NewEvent = {
    kind: 'prompt.expired',
    run: prompt.runId,
    attempt: null,
    at: deps.clock.now(),
    facts: { prompt: prompt.id, outcome: prompt.onExpiry },
    contents: {},
  }
  return (await settlePrompt(deps, snapshot, prompt, { event })) !== undefined
}
