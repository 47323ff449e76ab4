import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonObject } from '../../../domain/json.ts'
import type { Principal } from '../../../domain/principal.ts'
import type { Prompt } from '../../../domain/prompt.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import { readTaskFor } from '../../../engine/access/read-task.ts'
import { type AnswerPrompt, answerPrompt } from '../../../engine/commands/answer-prompt.ts'
import { readPayload } from '../../../engine/prompts/read-payload.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { IdempotentRequest } from '../../../store/commit.ts'
import { readAnswers } from '../../edge/read-answers.ts'
import { readTaskOrChatId } from './chat-id.ts'
import type { ApproveTask } from './contract/approve-task.ts'
import { readTaskId } from './request.ts'
import type { SettledMessage, SettledPart } from './settled-parts.ts'
import type { StreamStatus } from './states.ts'

/** The newest prompts of a task among which those of a message are looked for. The calls of one step are far fewer. */
const promptsRead = 200

/** The prompts of a message, and what its user has done with each. All of them are of one step of one run. */
export interface MessagePrompts {
  readonly snapshot: TaskSnapshot
  readonly runId: string
  readonly settled: readonly { readonly prompt: Prompt; readonly part: SettledPart }[]
}

/**
 * Finds the prompts that a message of the agent shows as settled. Of several steps the last counts, because a step begins
 * only when everything before it is settled. Refuses `task_not_found`, `no_open_question` where none of its calls asked
 * anybody, and `run_settled` where the client holds the end of the run: it would ask for the rest for ever.
 */
export async function findMessagePrompts(
  deps: ServerDeps,
  principal: Principal,
  id: unknown,
  { parts, status }: SettledMessage,
): Promise<MessagePrompts> {
  const snapshot = await readTaskFor(deps, principal, readTaskId(id))
  const { task, run } = snapshot
  const prompts = await deps.store.listPrompts({ taskId: task.id }, { limit: promptsRead })
  const all = prompts.flatMap((prompt) => {
    const part = parts.find((one) => isAbout(prompt, one))
    return part === undefined ? [] : [{ prompt, part }]
  })
  const [newest] = all
  if (newest === undefined) throw new Refusal('no_open_question', 'None of the calls of the message asked anybody.')
  const { runId, step } = newest.prompt
  if (endedStatuses.includes(status ?? '') && (run.id !== runId || isTerminal(run.state))) {
    throw new Refusal('run_settled', 'The task has ended.', { state: run.state })
  }
  return { snapshot, runId, settled: all.filter(({ prompt }) => prompt.runId === runId && prompt.step === step) }
}

const endedStatuses: readonly string[] = ['completed', 'failed', 'aborted'] satisfies StreamStatus[]

function isAbout(prompt: Prompt, { toolCallId, approvalId }: SettledPart): boolean {
  return prompt.id === approvalId || prompt.id === toolCallId || prompt.action === toolCallId
}

/**
 * Settles the prompts of a message that are open, each in a commit of its own. One that somebody has settled meanwhile stays
 * as it is, and the run goes on with that. The request is kept in the last of these commits: a repetition after a crash
 * settles the rest.
 */
export async function settleMessagePrompts(
  deps: ServerDeps,
  principal: Principal,
  { snapshot, settled }: MessagePrompts,
  request: IdempotentRequest | undefined,
): Promise<TaskSnapshot> {
  const open = settled.filter(({ prompt }) => prompt.state === 'open')
  const answers = await Promise.all(
    open.map(async ({ prompt, part }) => [prompt, await answerOf(deps, prompt, part)] as const),
  )
  let after = snapshot
  for (const [at, [prompt, answer]] of answers.entries()) {
    const isLast = at === answers.length - 1
    try {
      const answered = await answerPrompt(deps, principal, prompt.id, { ...answer, ...(isLast && { request }) })
      after = answered.snapshot
    } catch (error) {
      if (!isRefusal(error, 'prompt_settled')) throw error
      after = await readTaskFor(deps, principal, snapshot.task.id)
    }
  }
  return after
}

async function answerOf(deps: ServerDeps, prompt: Prompt, { settlement }: SettledPart): Promise<AnswerPrompt> {
  const isQuestion = prompt.kind === 'question'
  switch (settlement.kind) {
    case 'output':
      if (isQuestion) return { outcome: 'answered', data: await readAnswers(deps, prompt, settlement.output) }
      throw notSettled('must be answered by addToolApprovalResponse')
    case 'error':
      return { outcome: isQuestion ? 'declined' : 'denied', message: settlement.message || undefined }
    case 'approval': {
      if (isQuestion) throw notSettled('must be answered by addToolOutput')
      const shown = settlement.argsDigest
      const digest = (await readPayload(deps, prompt))?.['arguments_digest']
      if (shown !== undefined && shown !== digest) throw notSettled('must be the call that was shown')
      return { outcome: settlement.approved ? 'approved' : 'denied', message: settlement.reason || undefined }
    }
  }
}

function notSettled(message: string): Refusal {
  return new Refusal('invalid_input', 'A call was not settled as it asked for.', {
    fields: [{ field: 'messages', message }],
  })
}

/**
 * Settles one prompt of a task by a decision: the one that `tool_call_id` names, or else the only one that is open. Refuses
 * `task_not_found`, `prompt_not_found`, `no_open_question`, `invalid_input` where several are open and none is named, and
 * what `answerPrompt` refuses.
 */
export async function approveTask(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  body: ApproveTask,
  request: IdempotentRequest | undefined,
): Promise<TaskSnapshot> {
  const { task } = await readTaskFor(deps, principal, readTaskOrChatId(principal, taskId))
  const prompt = await findPrompt(deps, task.id, body)
  if (body.agent_id !== undefined && body.agent_id !== task.agentId) {
    const fields = [{ field: 'agent_id', message: `must be left out or be ${JSON.stringify(task.agentId)}` }]
    throw new Refusal('invalid_input', 'Another agent asks.', { fields })
  }
  // The body was parsed from JSON, so that it holds nothing else.
  const metadata = (body.metadata ?? {}) as JsonObject
  const { message, ...rest } = metadata
  const said = typeof message === 'string' ? message : undefined
  const isQuestion = prompt.kind === 'question'
  if (body.decision === 'decline') {
    const outcome = isQuestion ? 'declined' : 'denied'
    return (await answerPrompt(deps, principal, prompt.id, { outcome, message: said, request })).snapshot
  }
  const outcome = isQuestion ? 'answered' : 'approved'
  const answer = { outcome, data: await readAnswers(deps, prompt, rest), message: said, request } as const
  return (await answerPrompt(deps, principal, prompt.id, answer)).snapshot
}

async function findPrompt({ store }: ServerDeps, taskId: string, body: ApproveTask): Promise<Prompt> {
  const { tool_call_id: call, run_id: run } = body
  const ofRun = (prompt: Prompt) => run === undefined || prompt.runId === run.toLowerCase()
  if (call !== undefined) {
    const prompts = await store.listPrompts({ taskId }, { limit: promptsRead })
    const named = prompts.find((prompt) => ofRun(prompt) && (prompt.action === call || prompt.id === call))
    if (named !== undefined) return named
    throw new Refusal('prompt_not_found', 'There is no such prompt.')
  }
  const [only, ...others] = (await store.listOpenPrompts(taskId)).filter(ofRun)
  if (only === undefined) throw new Refusal('no_open_question', 'The task asks nothing now.')
  if (others.length === 0) return only
  const fields = [{ field: 'tool_call_id', message: 'is needed: the task asks several things' }]
  throw new Refusal('invalid_input', 'The task asks several things.', { fields })
}
