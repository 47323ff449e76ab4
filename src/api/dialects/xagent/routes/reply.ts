import { Refusal } from '../../../../domain/refusal.ts'
import { isTerminal } from '../../../../domain/run-state.ts'
import { NoOpenQuestion, replyToQuestion } from '../../../../engine/commands/reply-to-question.ts'
import { withinLimit } from '../../../../engine/settings/within-limit.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { instantOf } from '../../../edge/instants.ts'
import { checkAgent, readXagentTask } from '../access.ts'
import { type AppendResponse, AppendResponseSchema } from '../contract/create-task.ts'
import { ReplySchema } from '../contract/interaction.ts'
import { TaskParams } from '../contract/task.ts'
import { refusedReply } from '../interactions.ts'
import { answersToReply } from '../refusals.ts'

/** Adds `POST …/reply`, which answers the question of a task that waits for its user. The run goes on where it stood. */
export function addReplyRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToReply({ 202: json('The answer is on disk: poll the task.', AppendResponseSchema) }, [
    'task_not_found',
    'task_busy',
    'no_open_question',
    'prompt_settled',
    ...idempotencyRefusals,
  ])
  const summary = 'Answer the question of a task that waits for its user'
  const schema = { summary, params: TaskParams, body: ReplySchema, response }
  app.post('/v1/chat/tasks/:task_id/reply', { schema }, async (request, reply) => {
    const { body, agent, principal, params } = request
    const text = body.message.content
    withinLimit(deps.limits, 'message_chars_max', 'message.content', text.length)
    const { task } = await readXagentTask(deps, principal, params.task_id)
    checkAgent(agent, body.agent_id)
    const { snapshot } = await changeOnce(request, reply, async (once) => {
      refuseUnlessWaiting(await readXagentTask(deps, principal, params.task_id))
      const answer = { text, field: 'message.content', request: once }
      const answered = await replyToQuestion(deps, principal, task.id, answer).catch((error: unknown) => {
        throw refusedReply(error)
      })
      return answered.snapshot
    })
    const accepted_at = instantOf(snapshot.task.updatedAt)
    const answer = { task_id: task.number, agent_id: agent.number, status: 'running', accepted_at } as const
    return reply.code(202).send(answer satisfies AppendResponse)
  })
}

function refuseUnlessWaiting({ run: { state } }: Awaited<ReturnType<typeof readXagentTask>>): void {
  if (state === 'waiting') return
  if (isTerminal(state)) throw new NoOpenQuestion('none')
  if (state === 'paused') {
    const message = 'The task is paused. It goes on with a further message, and asks again then what is still open.'
    throw new Refusal('no_open_question', message)
  }
  throw new Refusal('task_busy', 'The task is at work. Ask again until it waits for its user.', { retryAfterMs: 1_000 })
}
