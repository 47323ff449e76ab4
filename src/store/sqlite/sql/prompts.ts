import { named } from '../named-sql.ts'
import { answerLinks } from '../tables/answer-links.ts'
import { prompts } from '../tables/prompts.ts'

/** SQL that writes prompts. SQLite numbers a change after the one before it, within the commit. */
export const promptSql = {
  insertPrompt: prompts.insert,
  addOpening: named(`INSERT INTO prompt_changes (prompt, owner_id, team_id, opened)
    VALUES (:prompt, :ownerId, :teamId, 1)`),
  /** This comes before `settlePrompt`, whose condition it has: what settles nothing is no change. */
  addSettlement: named(`INSERT INTO prompt_changes (prompt, owner_id, team_id, opened)
    SELECT id, owner_id, team_id, 0 FROM prompts WHERE id = :prompt AND state = 'open'`),
  settlePrompt: named(`UPDATE prompts SET state = :state, settled_at = :settledAt, outcome = :outcome,
      answered_by = :answeredBy, answer = :answer
    WHERE id = :prompt AND state = 'open'`),
  addAnswerLink: answerLinks.insert,
  useAnswerLink: named('UPDATE answer_links SET used_at = :at WHERE token_hash = :tokenHash AND used_at IS NULL'),
  forgetAnswerLinks: named(`DELETE FROM answer_links WHERE token_hash IN (
      SELECT token_hash FROM answer_links WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)`),
} as const
