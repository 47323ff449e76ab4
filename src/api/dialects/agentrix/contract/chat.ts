import { type Static, Type } from 'typebox'
import { chatTypes, memberRoles, memberTypes } from '../../../../domain/chat.ts'
import { idWord, instant, nullable, pageFields, pageQuery } from './fields.ts'

/** The body that creates a chat. It names one member at least, by a code such as `agent-<id>`. */
export const CreateChatSchema = Type.Object({
  type: Type.Optional(Type.Enum([...chatTypes], { description: 'direct when not given.' })),
  members: Type.Array(
    Type.Object({
      memberCode: idWord('agent-… or user-…'),
      type: Type.Enum([...memberTypes]),
    }),
    { minItems: 1 },
  ),
})

const ChatMemberSchema = Type.Object({
  id: Type.String(),
  chatId: Type.String(),
  memberCode: Type.String(),
  type: Type.Enum([...memberTypes]),
  role: Type.Enum([...memberRoles]),
  createdAt: instant(),
  updatedAt: instant(),
})

/** A chat as Agentrix shows it. The defaults of its contract that this server does not keep are always null. */
export const ChatSchema = Type.Object({
  id: Type.String(),
  owner: Type.String({
    description: 'Of a group, the user who made it; of a direct chat, the sorted codes of its members.',
  }),
  type: Type.Enum([...chatTypes]),
  title: nullable(Type.String()),
  createdAt: instant(),
  updatedAt: instant(),
  defaultMachineId: Type.Null(),
  defaultCloudId: Type.Null(),
  defaultRepositoryId: Type.Null(),
  defaultBaseBranch: Type.Null(),
  members: Type.Array(ChatMemberSchema),
})
/** The response of the calls that create or read a chat. */
export type ChatView = Static<typeof ChatSchema>

/** The query of the list of chats, which asks for one page. */
export const ChatQuerySchema = Type.Object(pageQuery)
/** A page of chats, with the cursor of the next one. */
export const ChatPageSchema = Type.Object({ chats: Type.Array(ChatSchema), ...pageFields })
