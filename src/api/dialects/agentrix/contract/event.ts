import { type Static, Type } from 'typebox'
import { instant } from './fields.ts'

const sequence = () => Type.Integer({ minimum: 0, description: '0, 1, 2, … per task, without gap.' })

const MessageSchema = Type.Object(
  { type: Type.Enum(['user', 'assistant', 'system', 'result']) },
  { description: 'user and assistant hold a message with role and content; system and result have a subtype.' },
)

export const EventSchema = Type.Object({
  id: Type.String(),
  taskId: Type.String(),
  chatId: Type.String(),
  eventId: Type.String({ description: 'The same as id: the same event has the same wherever it is shown.' }),
  sequence: sequence(),
  eventType: Type.Literal('task-message'),
  eventData: Type.Union([
    Type.Object({ message: MessageSchema }),
    Type.Object({ encryptedMessage: Type.String({ description: 'Base64, as it was sent.' }) }),
  ]),
  createdAt: instant(),
})

export const EventQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '50 when not given.' })),
  before: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a lower sequence.' })),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only with a higher sequence.' })),
  api_key: Type.Optional(Type.String({ description: 'WebSocket only: the key, where no header can be set.' })),
})
export type EventQuery = Static<typeof EventQuerySchema>

export const EventPageSchema = Type.Object({
  events: Type.Array(EventSchema, { description: 'Newest first.' }),
  hasMore: Type.Boolean({ description: 'Whether there are older ones in the range that was asked for.' }),
})

export const FillSchema = Type.Object({
  sequences: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 100 }),
})
export const FilledSchema = Type.Object({
  events: Type.Array(EventSchema, { description: 'Those that there are, in their order.' }),
})

export const EventMetaSchema = Type.Object({
  latestSequence: sequence(),
  earliestSequence: sequence(),
  updatedAt: instant(),
})
