import { Type } from 'typebox'

/** The questions of a prompt, in the dialects that show them as fields of their own. */
export const QuestionsSchema = Type.Array(
  Type.Object({
    id: Type.String({ description: 'Names the answer.' }),
    question: Type.String(),
    options: Type.Array(Type.String(), { description: 'Empty where the answer is free text.' }),
    multiple: Type.Boolean(),
    default: Type.Union([Type.String({ description: 'What counts where nobody answers in time.' }), Type.Null()]),
  }),
  { description: 'Empty where what is asked is a decision.' },
)
