import type { AnswerLink } from '../../../domain/answer-link.ts'
import { roles } from '../../../domain/principal.ts'
import { integer, nullable, oneOf, text } from '../columns.ts'
import { defineTable } from '../table.ts'

/** The links by which users answer prompts once. */
export const answerLinks = defineTable<AnswerLink>({
  name: 'answer_links',
  key: 'token_hash',
  fields: {
    tokenHash: text,
    prompt: text,
    userId: text,
    grantedRole: oneOf(roles),
    grantedKeyId: nullable(text),
    expiresAt: integer,
    usedAt: nullable(integer),
  },
})
