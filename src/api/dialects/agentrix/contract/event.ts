import { type Static, Type } from 'typebox'
import { instant } from './fields.ts'

const sequence = () => Type.Integer({ minimum: 0, description: '0, 1, 2, … per task, without gap.' })

const MessageSchema = Type.Object(
  { type: Type.Enum(['user', 'assistant', 'system', 'result', 'ask_user', 'ask_user_response']) },
  {
    description:
      'user and assistant hold a message with role and content; system and result have a subtype; ask_user holds questions, and ask_user_response answers, a status and a reason.',
  },
)

/**
 * An event of a task as Agentrix shows it. Its data is a readable message, or the bytes of one that is end-to-end
 * encrypted.
 */
export const EventSchema = Type.Object({
  id: Type.String(),
  taskId: Type.String(),
  chatId: Type.String(),
  eventId: Type.String({ description: 'The same as id: the same event has the same wherever it is shown.' }),
  sequence: sequence(),
  eventType: Type.Literal('task-message'),
  opCode: Type.Optional(Type.String({ description: 'Of an ask_user_response: the eventId of its question.' })),
  eventData: Type.Union([
    Type.Object({ message: MessageSchema }),
    Type.Object({ encryptedMessage: Type.String({ description: 'Base64, as it was sent.' }) }),
  ]),
  createdAt: instant(),
})

/** The query that selects events of a task: both bounds are sequences and exclude the event that they name. */
export const EventQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '50 when not given.' })),
  before: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a lower sequence.' })),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a higher sequence.' })),
  api_key: Type.Optional(Type.String({ description: 'WebSocket only: the key, where no header can be set.' })),
})
/** The query of `GET /v1/tasks/{taskId}/events` on both of its transports. */
export type EventQuery = Static<typeof EventQuerySchema>

/** A page of events, newest first, in the range that was asked for. */
export const EventPageSchema = Type.Object({
  events: Type.Array(EventSchema, { description: 'Newest first.' }),
  hasMore: Type.Boolean({ description: 'Whether there are older ones in the range that was asked for.' }),
})

/** The body that asks for single events by their sequences, at most 100 at once. */
export const FillSchema = Type.Object({
  sequences: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 100 }),
})
/** The answer to a fill: it leaves out the sequences that do not exist. */
export const FilledSchema = Type.Object({
  events: Type.Array(EventSchema, { description: 'Those that there are, in their order.' }),
})

/** The answer that tells a client how far the events of a task reach. */
export const EventMetaSchema = Type.Object({
  latestSequence: sequence(),
  earliestSequence: sequence(),
  updatedAt: instant(),
})
