import { type Static, Type } from 'typebox'
import { promptKinds } from '../../../../domain/prompt.ts'

const InteractionSchema = Type.Object({
  type: Type.Enum(['text_input', 'select_one', 'select_multiple', 'confirm'], {
    description: '`confirm`: a decision, which takes its id and the native API.',
  }),
  field: Type.String({ description: 'Names the answer among those of one prompt.' }),
  label: Type.String(),
  options: Type.Optional(Type.Array(Type.Object({ label: Type.String(), value: Type.String() }))),
  default: Type.Optional(Type.String({ description: 'What counts where nobody answers in time.' })),
  prompt_id: Type.String({ format: 'uuid' }),
  kind: Type.Enum([...promptKinds]),
  expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  prompt_url: Type.String({ description: 'Where the native API answers it by its id.' }),
})
/** One thing that a waiting task asks. */
export type Interaction = Static<typeof InteractionSchema>

/** The questions of a waiting task. `question` is all of them as one text. */
export const PendingInteractionSchema = Type.Object({
  question: Type.String(),
  interactions: Type.Array(InteractionSchema, { description: 'Each thing that is asked, the oldest first.' }),
})
/** The `pending_interaction` of a task that waits for a person. */
export type PendingInteraction = Static<typeof PendingInteractionSchema>

/** The body of a reply. Files belong to a further message. */
export const ReplySchema = Type.Object({
  agent_id: Type.Integer({ description: 'The agent that the key is bound to; any other is not found.' }),
  message: Type.Object({
    role: Type.Optional(Type.Literal('user')),
    content: Type.String({ minLength: 1, description: 'The answer: free text, or the exact words of an option.' }),
    files: Type.Optional(
      Type.Union([
        Type.Array(Type.Unknown(), { maxItems: 0, 'x-form': 'left out: files come with a further message' }),
        Type.Null(),
      ]),
    ),
  }),
})
