import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonValue } from '../../../domain/json.ts'
import type { Principal } from '../../../domain/principal.ts'
import type { Prompt } from '../../../domain/prompt.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { promptNotFound } from '../../../engine/access/read-prompt.ts'
import { type AnswerPrompt, answerPrompt } from '../../../engine/commands/answer-prompt.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { IdempotentRequest } from '../../../store/commit.ts'
import { readAnswers } from '../../edge/read-answers.ts'
import type { TaskMessage } from './contract/task-message.ts'
import { seqOf } from './events.ts'
import { readTask } from './request.ts'

/**
 * Answers a question of a task: the one that `opCode` names, or else the only one that is open. A response that is not
 * `answered` declines. Only questions are answered so: what is to be approved needs its own decision. Refuses
 * `task_not_found`, `prompt_not_found`, `no_open_question` and what `answerPrompt` refuses.
 */
export async function answerQuestion(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  { opCode, message }: TaskMessage,
  request?: IdempotentRequest,
): Promise<TaskSnapshot> {
  const { task } = await readTask(deps, principal, taskId)
  const prompt = opCode === undefined ? await onlyQuestion(deps, task.id) : await namedQuestion(deps, task.id, opCode)
  const answer = await answerOf(deps, prompt, message)
  return (await answerPrompt(deps, principal, prompt.id, { ...answer, request })).snapshot
}

async function answerOf(
  deps: ServerDeps,
  prompt: Prompt,
  { status = 'answered', answers }: TaskMessage['message'],
): Promise<AnswerPrompt> {
  if (status === 'cancelled') return { outcome: 'declined' }
  if (status === 'timeout') return { outcome: 'declined', message: 'Nobody answered in time.' }
  // It was parsed from JSON, so that it holds nothing else.
  return { outcome: 'answered', data: await readAnswers(deps, prompt, answers as JsonValue | undefined) }
}

async function onlyQuestion({ store }: ServerDeps, taskId: string): Promise<Prompt> {
  const open = (await store.listOpenPrompts(taskId)).filter(({ kind }) => kind === 'question')
  const [only, ...others] = open
  if (only !== undefined && others.length === 0) return only
  const message =
    only === undefined ? 'The task asks no question now.' : 'The task asks several: name one by its opCode.'
  throw new Refusal('no_open_question', message)
}

/** Finds a question by the `eventId` of its event, or by its own id. */
async function namedQuestion({ store }: ServerDeps, taskId: string, opCode: string): Promise<Prompt> {
  const sequence = opCode.startsWith(`event-${taskId}-`) ? opCode.slice(`event-${taskId}-`.length) : ''
  const seq = /^\d{1,15}$/u.test(sequence) ? seqOf(Number(sequence)) : 0
  const [event] = seq === 0 ? [] : await store.readEvents(taskId, seq - 1, 1)
  const id = event?.kind === 'prompt.opened' ? event.facts.prompt : opCode
  const prompt = await store.readPrompt(id)
  if (prompt?.taskId !== taskId) throw promptNotFound()
  if (prompt.kind === 'question') return prompt
  throw new Refusal(
    'no_open_question',
    `This is no question, but needs a decision: it is a prompt of the kind ${prompt.kind}.`,
  )
}
