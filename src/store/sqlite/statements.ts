import { guardCheckSql, guardWriteSql } from './guard-statements.ts'
import { webhookCheckSql, webhookWriteSql } from './webhook-statements.ts'

/** What must hold, one statement per requirement: it holds when a row is found. */
export const checkSql = {
  // A run that waits, rests or has ended has no current attempt, whatever number it shows.
  currentAttempt: "SELECT 1 FROM runs WHERE id = ? AND attempt = ? AND state = 'running'",
  runIs: `SELECT 1 FROM runs WHERE id = ?1 AND instr(?2, ',' || state || ',') > 0 AND attempt = ifnull(?3, attempt)`,
  journalAt: 'SELECT 1 FROM tasks WHERE id = ? AND last_seq = ?',
  latestRun: 'SELECT 1 FROM tasks WHERE id = ? AND run_id = ?',
  absentTask: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE id = ?)',
  absentIdempotencyKey: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM idempotency WHERE owner_id = ? AND key = ?)',
  absentKeyPrefix: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE prefix = ?)',
  absentSetting: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = ?)',
  absentUser: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = ?)',
  agentAt: 'SELECT 1 FROM agents WHERE id = ? AND updated_at = ? AND deleted = 0',
  agentIdle: `SELECT 1 WHERE NOT EXISTS (
    SELECT 1 FROM runs WHERE agent_id = ? AND state IN ('queued', 'running', 'waiting', 'paused'))`,
  absentChat: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM chats WHERE members_key = ?)',
  absentShare: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM shares WHERE task_id = ?)',
  ...webhookCheckSql,
  ...guardCheckSql,
} as const

/** What is written under a task's number. */
export const taskSql = {
  insertDetails: 'INSERT INTO details (text) VALUES (?)',
  insertTask: `INSERT INTO tasks (details_row, id, owner_id, team_id, submitter_id, submitter_key_id, visibility, agent_id, dialect, parent_id, root_id,
      webhook, run_id, state, last_seq, manifest, created_at, updated_at,
      cap_micros_usd, cap_tokens, cap_steps, spent_micros_usd, spent_tokens, spent_steps,
      reserved_micros_usd, reserved_tokens, reserved_steps, lent_micros_usd, lent_tokens, lent_steps,
      purge_at, purged_at, hold)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  findTask: 'SELECT number, last_seq FROM tasks WHERE id = ?',
  insertRun: `INSERT INTO runs (task, details_row, id, owner_id, agent_id, turn, place, state, attempt, lost_attempts, priority, queued_at,
      not_before, start_at, overdue_at, stop_requested, config, input, result, error, steps, usage, cost_micros_usd, active_ms,
      claimed_at, started_at, ended_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  insertEvents: 'INSERT INTO events (task, last_seq, batch) VALUES (?, ?, ?)',
  insertContent: `INSERT INTO contents (task, digest, salt, media_type, sealed, body)
    VALUES (?, unhex(?), unhex(?), ?, ?, ?)`,
} as const

const advance = 'UPDATE tasks SET last_seq = last_seq + ?2, updated_at = ?3, state = iif(run_id = ?4, ?5, state)'
const move = `spent_micros_usd = spent_micros_usd + ?6, spent_tokens = spent_tokens + ?7, spent_steps = spent_steps + ?8,
  reserved_micros_usd = iif(?12, 0, reserved_micros_usd + ?9), reserved_tokens = iif(?12, 0, reserved_tokens + ?10),
  reserved_steps = iif(?12, 0, reserved_steps + ?11)`
const advanced = 'WHERE id = ?1 RETURNING number, last_seq'

/**
 * Each takes the next seqs and shows the state of the run where it is the latest; one statement does all that a commit
 * changes in a task's row.
 */
export const advanceSql = {
  advance: `${advance} ${advanced}`,
  /** And moves the ledger. */
  advanceAndMove: `${advance}, ${move} ${advanced}`,
  /** And says until when the contents are kept, since the run has ended. */
  advanceToEnd: `${advance}, ${move}, purge_at = iif(run_id = ?4 AND purged_at IS NULL, ?13, purge_at) ${advanced}`,
} as const

/** Writes by themselves, the row's key last. */
export const writeSql = {
  saveRun: `UPDATE runs SET state = ?, attempt = ?, lost_attempts = ?, queued_at = ?, not_before = ?, start_at = ?,
      overdue_at = ?, result = ?, error = ?, steps = ?, usage = ?, cost_micros_usd = ?, active_ms = ?, claimed_at = ?,
      started_at = ?, ended_at = ?
    WHERE id = ?`,
  requestStop: 'UPDATE runs SET stop_requested = ? WHERE id = ?',
  /** A new run is the one the task shows. */
  showNewRun: 'UPDATE tasks SET run_id = ?, state = ?, purge_at = ?, purged_at = NULL WHERE id = ?',
  showRunState: `UPDATE tasks SET state = ?, purge_at = iif(purged_at IS NULL, ?, purge_at) WHERE id = ? AND run_id = ?`,
  saveManifest: 'UPDATE tasks SET manifest = ? WHERE id = ?',
  /** Before saveTask, which refers to the row that this has added. */
  appendDetails: `INSERT INTO details (text)
    SELECT json_object('title', ?, 'metadata', json(?), 'extension', text -> '$.extension')
    FROM details WHERE row = (SELECT details_row FROM tasks WHERE id = ?)`,
  emptyDetails: "UPDATE details SET text = '' WHERE row = (SELECT details_row FROM tasks WHERE id = ?)",
  saveTask: 'UPDATE tasks SET visibility = ?, details_row = (SELECT max(row) FROM details) WHERE id = ?',
  insertLooseContent: `INSERT INTO contents (task, digest, salt, media_type, sealed, body)
    VALUES (NULL, unhex(?), unhex(?), ?, ?, ?)`,
  insertAgent: `INSERT INTO agents (owner_id, team_id, visibility, name, description, instructions, provider, model, tools,
      capabilities, timeout_ms, steps_max, concurrency_max, state, failures, created_at, updated_at, path_labels, policy, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveAgent: `UPDATE agents SET owner_id = ?, team_id = ?, visibility = ?, name = ?, description = ?, instructions = ?,
      provider = ?, model = ?, tools = ?, capabilities = ?, timeout_ms = ?, steps_max = ?, concurrency_max = ?, state = ?,
      failures = ?, created_at = ?, updated_at = ?, path_labels = ?, policy = ?
    WHERE id = ?`,
  deleteAgent: 'UPDATE agents SET deleted = 1 WHERE id = ?',
  insertUser: `INSERT INTO users (name, email, team_id, default_provider, default_model, created_at, id)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  saveUser: `UPDATE users SET name = ?, email = ?, team_id = ?, default_provider = ?, default_model = ?, created_at = ?
    WHERE id = ?`,
  insertTeam: `INSERT INTO teams (name, webhook_url, default_provider, default_model, created_at, id)
    VALUES (?, ?, ?, ?, ?, ?)`,
  saveTeam: `UPDATE teams SET name = ?, webhook_url = ?, default_provider = ?, default_model = ?, created_at = ? WHERE id = ?`,
  insertKey: `INSERT INTO keys (name, dialect, prefix, verifier, user_id, agent_id, role, created_at, revoked_at, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveKey: `UPDATE keys SET name = ?, dialect = ?, prefix = ?, verifier = ?, user_id = ?, agent_id = ?, role = ?, created_at = ?,
      revoked_at = ?
    WHERE id = ?`,
  rememberIdempotency: `INSERT INTO idempotency (owner_id, key, request_digest, task_id, created_at) VALUES (?, ?, ?, ?, ?)`,
  forgetIdempotency: 'DELETE FROM idempotency WHERE created_at < ?',
  insertChat: `INSERT INTO chats (type, title, owner_id, members_key, created_at, updated_at, id) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  insertChatMember: `INSERT INTO chat_members (chat_id, position, id, type, member_id, role) VALUES (?, ?, ?, ?, ?, ?)`,
  insertShare: `INSERT INTO shares (code, created_by, permissions, created_at, updated_at, task_id) VALUES (?, ?, ?, ?, ?, ?)`,
  saveShare: 'UPDATE shares SET permissions = ?, updated_at = ? WHERE task_id = ?',
  putSetting:
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ...webhookWriteSql,
  ...guardWriteSql,
} as const
