import type { FastifyReply, FastifyRequest } from 'fastify'
import type { JsonObject } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import type { AnswerOutcome } from '../../domain/prompt.ts'
import { Refusal, type RefusalCode } from '../../domain/refusal.ts'
import { type AccessedPrompt, readPromptFor } from '../../engine/access/read-prompt.ts'
import { answerPrompt } from '../../engine/commands/answer-prompt.ts'
import { isForInbox, listInbox, listTaskPrompts } from '../../engine/queries/list-prompts.ts'
import { waitForPrompt } from '../../engine/queries/wait-for-prompt.ts'
import { changeOnce, idempotencyRefusals } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema } from './answers.ts'
import { PageQuerySchema } from './contract/agent.ts'
import {
  AnsweredPromptSchema,
  type AnsweredPromptView,
  AnswerPromptSchema,
  type InboxPage,
  InboxPageSchema,
  type PromptPage,
  PromptPageSchema,
  type PromptQuery,
  PromptQuerySchema,
  PromptSchema,
  SettlePromptSchema,
} from './contract/prompt.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { wantsStream } from './preferences.ts'
import { promptViews } from './present-prompt.ts'
import { sendPromptStream } from './prompt-stream.ts'
import { taskIdOf } from './read-task-view.ts'
import { waitSeconds } from './wait-until-ended.ts'

/** Adds the routes of prompts: the inbox, the prompts of a task, and their answers. */
export function addPromptRoutes(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const inbox = {
    description: 'A page of open prompts, or the stream of what is opened and settled.',
    content: {
      'application/json': { schema: InboxPageSchema },
      'text/event-stream': { schema: { type: 'string' } },
    },
  }
  app.get(
    '/v1/prompts',
    {
      schema: {
        summary: 'List what the caller may answer, newest first; with wait, once there is something; or watch it',
        requestHeaders: ['Last-Event-ID'],
        querystring: PromptQuerySchema,
        response: answers({ 200: inbox }, ['invalid_input', 'limit_exceeded']),
      },
    },
    async (request, reply) => {
      const { principal, query, headers, method } = request
      if (wantsStream(headers.accept) && method === 'GET') return sendPromptStream(context, request, reply, query)
      return readInbox(context, principal, query, reply)
    },
  )
  app.get(
    '/v1/prompts/:id',
    {
      schema: {
        summary: 'Read a prompt',
        params: IdSchema,
        response: answers({ 200: json('The prompt.', PromptSchema) }, ['prompt_not_found']),
      },
    },
    async ({ principal, params }) => {
      const found = await readPromptFor(deps, principal, params.id)
      const [view] = await promptViews(deps, principal, [found])
      return view
    },
  )
  app.get(
    '/v1/tasks/:id/prompts',
    {
      schema: {
        summary: 'List the prompts of a task, newest first, the settled ones too',
        params: IdSchema,
        querystring: PageQuerySchema,
        response: answers({ 200: json('A page of its prompts.', PromptPageSchema) }, [
          'task_not_found',
          'role_forbidden',
          'invalid_input',
        ]),
      },
    },
    async ({ principal, params, query }) => {
      const request = pageRequest(deps.limits, 'created_at', query)
      const id = await taskIdOf(deps, params.id)
      return pageView(context, principal, await listTaskPrompts(deps, principal, id, request), request)
    },
  )
  addAnswerRoutes(app, context)
}

async function readInbox(
  context: NativeContext,
  principal: Principal,
  query: PromptQuery,
  reply: FastifyReply,
): Promise<InboxPage> {
  const { deps } = context
  if (query.after !== undefined) throw afterWithoutStream()
  const seconds = waitSeconds(deps.limits, query.wait)
  const request = pageRequest(deps.limits, 'created_at', query)
  const read = async () => {
    const lastChange = await deps.store.lastPromptChange() // first: what comes between is in the page and in the stream
    const rows = await listInbox(deps, principal, request)
    return { lastChange, rows, mine: rows.filter((row) => isMine(principal, row, query)) }
  }
  let found = await read()
  if (found.mine.length === 0 && seconds > 0 && !context.streams.stopping.aborted && !reply.raw.destroyed) {
    const wait = context.streams.openWait(principal)
    reply.raw.once('close', wait.close)
    try {
      await waitForPrompt(deps, seconds * 1_000, wait.signal, async () => (await read()).mine.length > 0)
      if (wait.revoked !== undefined) throw wait.revoked
    } finally {
      reply.raw.off('close', wait.close)
      wait.close()
    }
    found = await read()
  }
  const { has_more, next_cursor, rows } = pageOf('created_at', found.rows.map(rowOf), request)
  const shown = found.mine.filter(({ prompt }) => rows.some(({ id }) => id === prompt.id))
  const prompts = await promptViews(deps, principal, shown)
  return { prompts, has_more, next_cursor, last_change: found.lastChange }
}

function afterWithoutStream(): Refusal {
  const fields = [{ field: 'after', message: 'is for streams: ask with Accept: text/event-stream' }]
  return new Refusal('invalid_input', 'after is for streams.', { fields })
}

function isMine(principal: Principal, row: AccessedPrompt, { kind }: PromptQuery): boolean {
  return isForInbox(principal, row) && (kind === undefined || row.prompt.kind === kind)
}

async function pageView(
  { deps }: NativeContext,
  principal: Principal,
  found: readonly AccessedPrompt[],
  request: ReturnType<typeof pageRequest>,
): Promise<PromptPage> {
  const { rows, ...more } = pageOf('created_at', found.map(rowOf), request)
  return {
    prompts: await promptViews(
      deps,
      principal,
      rows.map(({ accessed }) => accessed),
    ),
    ...more,
  }
}

function rowOf(accessed: AccessedPrompt) {
  return { accessed, id: accessed.prompt.id, createdAt: accessed.prompt.openedAt }
}

const settleRefusals: readonly RefusalCode[] = [
  'prompt_not_found',
  'prompt_settled',
  'role_forbidden',
  'invalid_input',
  'task_busy',
  ...idempotencyRefusals,
]

const verbs = {
  approve: { outcome: 'approved', summary: 'Approve what is asked' },
  deny: { outcome: 'denied', summary: 'Deny what is asked, with a reason for the agent' },
  cancel: { outcome: 'declined', summary: 'Decline to answer a question' },
} as const

function addAnswerRoutes(app: NativeApp, context: NativeContext): void {
  const response = answersToBody({ 200: json('The prompt after it.', AnsweredPromptSchema) }, settleRefusals)
  app.post(
    '/v1/prompts/:id/answer',
    { schema: { summary: 'Answer a question', params: IdSchema, body: AnswerPromptSchema, response } },
    // The body was parsed from JSON, so that it holds nothing else.
    (request, reply) => settle(context, request, reply, 'answered', request.body.data as JsonObject),
  )
  for (const [verb, { outcome, summary }] of Object.entries(verbs)) {
    app.post(
      `/v1/prompts/:id/${verb}`,
      { schema: { summary, params: IdSchema, body: SettlePromptSchema, response } },
      (request, reply) => settle(context, request, reply, outcome),
    )
  }
}

type SettleRequest = FastifyRequest<{
  Params: { id: string }
  Body: { message?: string; version?: number }
}>

async function settle(
  { deps }: NativeContext,
  request: SettleRequest,
  reply: FastifyReply,
  outcome: AnswerOutcome,
  data?: JsonObject,
): Promise<AnsweredPromptView> {
  const { principal, params, body } = request
  const { message, version } = body
  const answered = await changeOnce(request, reply, async (once) => {
    const after = await answerPrompt(deps, principal, params.id, { outcome, data, message, version, request: once })
    return after.snapshot
  })
  const found = await readPromptFor(deps, principal, params.id)
  const open = (await deps.store.listOpenPrompts(found.prompt.taskId)).map((prompt) => ({ ...found, prompt }))
  const [view, ...others] = await promptViews(deps, principal, [found, ...open])
  if (view === undefined) throw new Error('A prompt that was read has a view.')
  return { prompt: view, task_state: answered.snapshot.run.state, open: others }
}
