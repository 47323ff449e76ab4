import { type Static, type TSchema, Type } from 'typebox'

/** The models that a request may name. */
export const neoModels = [
  'auto',
  'opus-4.8',
  'opus-4.7',
  'opus-4.6',
  'sonnet-4.6',
  'haiku-4.5',
  'gpt-5.5-high',
  'gpt-5.4-xhigh',
  'gpt-5.4-high',
  'gpt-5.3-codex-high',
  'gemini-3-pro',
  'gemini-3-flash',
  'grok-4.3-high',
  'grok-4.3-fast',
  'kimi-k2.6',
  'glm-5',
  'glm-5.1',
  'deepseek-v4-pro-high',
] as const
/** The modes of a run: `chat` only looks things up, and `plan` only reads and proposes. */
export const modes = ['agent', 'chat', 'plan'] as const
/** One of `modes`. */
export type Mode = (typeof modes)[number]
/** The ways in which a client may ask to get the result. */
export const completionDeliveries = ['webhook', 'artifact'] as const

const idChars = 200
const name = () => Type.String({ minLength: 1, maxLength: idChars })
const optional = <S extends TSchema>(schema: S) => Type.Optional(schema)

/** A part of a message is text, or a file by its address. The AI SDK's spelling is accepted beside Neo's. */
const PartSchema = Type.Object({
  type: Type.Enum(['text', 'file']),
  text: optional(Type.String()),
  media_type: optional(Type.String({ maxLength: idChars })),
  mediaType: optional(Type.String({ maxLength: idChars })),
  name: optional(Type.String({ maxLength: 1_000 })),
  filename: optional(Type.String({ maxLength: 1_000 })),
  url: optional(Type.String({ maxLength: 10_000 })),
  state: optional(Type.String({ maxLength: idChars })),
})
/** One part of a message. */
export type Part = Static<typeof PartSchema>

const MessageSchema = Type.Object({
  id: optional(Type.String({ maxLength: idChars })),
  role: optional(Type.Literal('user')),
  parts: optional(Type.Array(PartSchema, { maxItems: 100 })),
  metadata: optional(Type.Unknown()),
})
/** The message of a create request in Neo's own form. */
export type Message = Static<typeof MessageSchema>

const open = { additionalProperties: true }

/**
 * A message of a chat as the AI SDK's transport sends it, of any role and with the fields of any version. Only the
 * last message of the user is read.
 */
const ChatMessageSchema = Type.Object(
  {
    id: optional(Type.String({ maxLength: idChars })),
    role: Type.String({ maxLength: idChars }),
    parts: optional(Type.Array(Type.Object({ type: Type.String() }, open))),
  },
  open,
)
/** One message of the AI SDK's transport. */
export type ChatMessage = Static<typeof ChatMessageSchema>

/** The body of a create request. The message is taken from `message.parts` first, then from `task`. */
export const CreateTaskSchema = Type.Object({
  agent_id: optional(Type.String({ minLength: 1, maxLength: idChars, description: 'The agent that is to answer.' })),
  agent_ids: optional(Type.Array(name(), { maxItems: 50, description: 'Agents that are to work together.' })),
  ask_question: optional(Type.Boolean({ description: 'Default false: the agent may not ask back.' })),
  auto_execute: optional(Type.Boolean({ description: 'In mode plan: go on without approval. Default false.' })),
  completion_delivery: optional(Type.Enum([...completionDeliveries])),
  file_keys: optional(Type.Array(name(), { maxItems: 100 })),
  id: optional(
    Type.Unknown({
      description: 'The UUID of a task: a free one is taken, your own is continued, any other is replaced.',
    }),
  ),
  isolated: optional(Type.Boolean({ description: 'A sandbox of its own and nothing known before. Default false.' })),
  max_iterations: optional(
    Type.Integer({ minimum: 0, maximum: 5, description: 'Default 0, in mode plan 1. 0: no verification.' }),
  ),
  max_steps: optional(Type.Integer({ minimum: 4, maximum: 200, description: 'Default 45 with agent_id, else 60.' })),
  message: optional(MessageSchema),
  messages: optional(Type.Array(ChatMessageSchema, { maxItems: 10_000, description: "The AI SDK transport's body." })),
  messageId: optional(Type.String({ maxLength: idChars })),
  mode: optional(Type.Enum([...modes])),
  model: optional(
    Type.Enum(['', ...neoModels], { description: 'Empty: the default of the user, the team, the server.' }),
  ),
  project_id: optional(name()),
  response_format: optional(Type.Enum(['sse', 'json'])),
  sandbox_id: optional(name()),
  secrets: optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 100 })),
  task: optional(Type.String({ description: 'What is to be done, where message.parts is absent.' })),
  regenerate: optional(Type.Boolean({ description: 'The same as the trigger regenerate-message. Default false.' })),
  trigger: optional(
    Type.Enum(['submit-message', 'regenerate-message'], {
      description: "regenerate-message: the task's last message is answered once more.",
    }),
  ),
  visibility: optional(Type.Enum(['', 'public', 'private', 'unlisted', 'team'])),
})
/** The body of `POST /api/v1/tasks`, after validation by its form. */
export type CreateTask = Static<typeof CreateTaskSchema>

/** The answer to a client that does not ask for a stream. */
export const AcceptedSchema = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The task: the one that was asked for, or a new one.' }),
  status: Type.String(),
  stream_id: Type.String({ description: 'The run that was started, or that was given the message.' }),
  stream_url: Type.String({ description: 'Where the run can be watched.' }),
  notice: optional(Type.String({ description: 'What is held back from the run and why, where something is.' })),
})
