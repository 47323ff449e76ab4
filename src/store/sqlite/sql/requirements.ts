import type { Amounts } from '../../../domain/budget.ts'
import type { Requirement } from '../../commit.ts'
import { type NamedSql, named } from '../named-sql.ts'

/** Each name in the SQL is a property of its requirement. */
type RequirementSql = {
  readonly [Name in Requirement['name']]: NamedSql<
    (keyof Omit<Extract<Requirement, { name: Name }>, 'name'> & string) | keyof Amounts
  >
}

/**
 * One query per requirement, with the requirement's properties as its parameters. The requirement holds where the query
 * finds a row.
 */
export const requirementSql = {
  // A run that waits, is paused or has ended has no current attempt, whatever number its row shows.
  currentAttempt: named("SELECT 1 FROM runs WHERE id = :run AND attempt = :attempt AND state = 'running'"),
  runIs: named(`SELECT 1 FROM runs
    WHERE id = :run AND instr(:states, ',' || state || ',') > 0 AND attempt = ifnull(:attempt, attempt)`),
  journalAt: named('SELECT 1 FROM tasks WHERE id = :task AND last_seq = :seq'),
  latestRun: named('SELECT 1 FROM tasks WHERE id = :task AND run_id = :run'),
  absentTask: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE id = :task)'),
  absentIdempotencyKey: named(
    'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM idempotency WHERE owner_id = :ownerId AND key = :key)',
  ),
  absentKeyPrefix: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE prefix = :prefix)'),
  absentSetting: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = :setting)'),
  absentUser: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = :user)'),
  absentChat: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM chats WHERE members_key = :membersKey)'),
  absentShare: named('SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM shares WHERE task_id = :task)'),
  agentAt: named('SELECT 1 FROM agents WHERE id = :agent AND updated_at = :updatedAt AND deleted = 0'),
  agentIdle: named(`SELECT 1 WHERE NOT EXISTS (
    SELECT 1 FROM runs WHERE agent_id = :agent AND state IN ('queued', 'running', 'waiting', 'paused'))`),
  endpointAt: named('SELECT 1 FROM endpoints WHERE id = :endpoint AND updated_at = :updatedAt'),
  deliveryAt: named('SELECT 1 FROM deliveries WHERE id = :delivery AND state = :state AND attempts = :attempts'),
  withinBudget: named(`SELECT 1 FROM tasks WHERE id = :task
      AND (:micros_usd <= 0 OR cap_micros_usd - spent_micros_usd - reserved_micros_usd - lent_micros_usd >= :micros_usd)
      AND (:tokens <= 0 OR cap_tokens - spent_tokens - reserved_tokens - lent_tokens >= :tokens)
      AND (:steps <= 0 OR cap_steps - spent_steps - reserved_steps - lent_steps >= :steps)`),
  openPrompt: named("SELECT 1 FROM prompts WHERE id = :prompt AND state = 'open'"),
  unclosedRun: named('SELECT 1 FROM runs WHERE id = :run AND closed = 0'),
  notHeld: named('SELECT 1 FROM tasks WHERE id = :task AND hold IS NULL'),
  // An action has one certificate, and its revocation names the action too.
  unrevoked: named(`SELECT 1 WHERE NOT EXISTS (
    SELECT 1 FROM statements AS certificate CROSS JOIN statements AS revocation
      ON revocation.action = certificate.action AND revocation.kind = 'revocation'
    WHERE substr(certificate.digest, 1, 5) = substr(unhex(:certificate), 1, 5)
      AND certificate.digest = unhex(:certificate))`),
} as const satisfies RequirementSql
