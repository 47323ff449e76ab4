import { named } from '../named-sql.ts'
import { prompts } from '../tables/prompts.ts'

/** SQL that writes prompts. */
export const promptSql = {
  insertPrompt: prompts.insert,
  settlePrompt: named(`UPDATE prompts SET state = :state, settled_at = :settledAt, outcome = :outcome,
      answered_by = :answeredBy, answer = :answer
    WHERE id = :prompt AND state = 'open'`),
} as const
