import { answerOutcomes, expiryOutcomes, type Prompt, promptKinds, promptStates } from '../../../domain/prompt.ts'
import { integer, json, nullable, oneOf, text } from '../columns.ts'
import { defineTable } from '../table.ts'

/** The prompts by which runs wait for people. */
export const prompts = defineTable<Prompt>({
  name: 'prompts',
  key: 'id',
  fields: {
    id: text,
    taskId: text,
    runId: text,
    ownerId: text,
    teamId: nullable(text),
    kind: oneOf(promptKinds),
    step: integer,
    action: nullable(text),
    tool: nullable(text),
    categories: json(),
    version: integer,
    payload: text,
    state: oneOf(promptStates),
    openedAt: integer,
    expiresAt: nullable(integer),
    onExpiry: oneOf(expiryOutcomes),
    settledAt: nullable(integer),
    outcome: nullable(oneOf(answerOutcomes)),
    answeredBy: nullable(json()),
    answer: nullable(text),
  },
})
