import { type Static, Type } from 'typebox'
import { answerChannels, answerOutcomes, expiryOutcomes, promptKinds, promptStates } from '../../../domain/prompt.ts'
import { count, instant, nullable, strict, uuid } from './fields.ts'

/** The person who answers or tries to: the user, the key where there is one, and how they were authenticated. */
export const ResponderSchema = Type.Object(
  { user: Type.String(), key: nullable(Type.String()), via: Type.Enum([...answerChannels]) },
  { description: 'Left out for others to whom the task is shown.' },
)

/** A request of a run to a person, for which the run waits. */
export const PromptSchema = Type.Object({
  id: uuid(),
  kind: Type.Enum([...promptKinds]),
  state: Type.Enum([...promptStates]),
  task: Type.Object({ id: uuid(), number: Type.Integer(), title: Type.String() }),
  run: uuid(),
  step: count(),
  action: nullable(Type.String({ description: 'The action that it comes from, if it comes from one.' })),
  tool: nullable(Type.String()),
  categories: Type.Array(Type.String(), { description: 'Why the policy asks for an approval.' }),
  version: Type.Integer({ minimum: 1, description: 'Send it with the answer, to answer what you have read.' }),
  payload: Type.Unknown({
    description:
      'What is asked. `questions` holds the questions; `schema` is the JSON Schema of a valid `data`. Null once it is purged.',
  }),
  may_answer: Type.Boolean({ description: 'Whether this caller may answer it.' }),
  opened_at: instant(),
  expires_at: nullable(instant()),
  on_expiry: Type.Enum([...expiryOutcomes], { description: 'What counts when nobody answers in time.' }),
  settled_at: nullable(instant()),
  outcome: nullable(Type.Enum([...answerOutcomes])),
  answered_by: nullable(ResponderSchema),
  answer: Type.Unknown({ description: 'The answer: `data` and `message`. Null without one, and once it is purged.' }),
})
/** A prompt as the native API shows it. */
export type PromptView = Static<typeof PromptSchema>

/** A page of prompts. */
export const PromptPageSchema = Type.Object({
  prompts: Type.Array(PromptSchema),
  has_more: Type.Boolean(),
  next_cursor: nullable(Type.String()),
})
/** The answer that lists the prompts of a task. */
export type PromptPage = Static<typeof PromptPageSchema>

/** A page of the inbox, with the change after which a stream goes on from it. */
export const InboxPageSchema = Type.Object({
  ...PromptPageSchema.properties,
  last_change: Type.Integer({
    minimum: 0,
    description: 'Open the stream with it as `after`: it begins with what changed since this page was read.',
  }),
})
/** The answer that lists the inbox. */
export type InboxPage = Static<typeof InboxPageSchema>

/**
 * The query of the inbox. With `wait` an empty inbox answers as soon as something is asked, or after so many seconds.
 * `after` is for streams: the last change that the reader has.
 */
export const PromptQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    kind: Type.Optional(Type.Enum([...promptKinds])),
    wait: Type.Optional(Type.Number({ minimum: 0 })),
    after: Type.Optional(
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Streams only: the id of a change.' }),
    ),
  },
  strict,
)
/** The query of the inbox, parsed. */
export type PromptQuery = Static<typeof PromptQuerySchema>

const message = Type.Optional(Type.String({ description: 'What the agent is told with it.' }))
const version = Type.Optional(Type.Integer({ minimum: 1, description: 'Another version than this is refused.' }))

/** The body that answers a question. `data` fits the `schema` of the prompt. */
export const AnswerPromptSchema = Type.Object(
  { data: Type.Record(Type.String(), Type.Unknown()), message, version },
  strict,
)
/** The body of an answer, parsed. */
export type AnswerPromptBody = Static<typeof AnswerPromptSchema>

/** The body that approves, denies or declines. */
export const SettlePromptSchema = Type.Object({ message, version }, strict)
/** The body of a decision, parsed. */
export type SettlePromptBody = Static<typeof SettlePromptSchema>

/** A prompt after its answer, with the state of its task and what its run still asks. */
export const AnsweredPromptSchema = Type.Object({
  prompt: PromptSchema,
  task_state: Type.String({ description: 'The state of the task after it.' }),
  open: Type.Array(PromptSchema, { description: 'What the same task still asks.' }),
})
/** The answer to an answer. */
export type AnsweredPromptView = Static<typeof AnsweredPromptSchema>
