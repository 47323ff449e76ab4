import { Type } from 'typebox'
import { createChat } from '../../../../engine/commands/create-chat.ts'
import { listChats } from '../../../../engine/queries/list-chats.ts'
import { readChat } from '../../../../engine/queries/read-chat.ts'
import { idempotencyRefusals, makeOnce } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../../../edge/pages.ts'
import { ChatPageSchema, ChatQuerySchema, ChatSchema, CreateChatSchema } from '../contract/chat.ts'
import { readId } from '../ids.ts'
import { chatView } from '../present.ts'
import { answers, answersToBody } from '../refusals.ts'

/** Adds the routes that create, list and read chats. */
export function addChatRoutes(app: DialectApp, { deps }: EdgeContext): void {
  const made = answersToBody({ 201: json('The chat of this type and these members.', ChatSchema) }, [
    'role_forbidden',
    'agent_not_found',
    'user_not_found',
    'task_busy',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/agentrix/chats',
    { schema: { summary: 'Make a chat, or get the one that there is', body: CreateChatSchema, response: made } },
    async (request, reply) => {
      const { body, principal } = request
      const { type = 'direct' } = body
      const members = body.members.map((member) => ({
        type: member.type,
        memberId: readId(member.type === 'agent' ? 'agent' : 'user', member.memberCode),
      }))
      // These members have one chat, however often it is created, and after a crash too.
      const chat = await makeOnce(request, reply, () => createChat(deps, principal, { type, members }))
      return reply.code(201).send(chatView(chat))
    },
  )
  const listed = answers({ 200: json('A page of chats.', ChatPageSchema) }, ['invalid_input'])
  app.get(
    '/v1/chats',
    { schema: { summary: 'List your chats, newest first', querystring: ChatQuerySchema, response: listed } },
    async ({ query, principal }) => {
      const request = pageRequest(deps.limits, 'created_at', query)
      const page = pageOf('created_at', await listChats(deps, principal, request), request)
      return { chats: page.rows.map(chatView), hasMore: page.has_more, nextCursor: page.next_cursor }
    },
  )
  const ChatParams = Type.Object({ chatId: Type.String() })
  const read = answers({ 200: json('The chat.', ChatSchema) }, ['chat_not_found'])
  app.get(
    '/v1/chats/:chatId',
    { schema: { summary: 'Read a chat', params: ChatParams, response: read } },
    async ({ params, principal }) => chatView(await readChat(deps, principal, readId('chat', params.chatId))),
  )
}
