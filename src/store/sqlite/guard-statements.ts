/** What must hold of budgets, holds and statements. */
export const guardCheckSql = {
  withinBudget: `SELECT 1 FROM tasks WHERE id = ?1
      AND (?2 <= 0 OR cap_micros_usd - spent_micros_usd - reserved_micros_usd - lent_micros_usd >= ?2)
      AND (?3 <= 0 OR cap_tokens - spent_tokens - reserved_tokens - lent_tokens >= ?3)
      AND (?4 <= 0 OR cap_steps - spent_steps - reserved_steps - lent_steps >= ?4)`,
  unclosedRun: 'SELECT 1 FROM runs WHERE id = ? AND closed = 0',
  notHeld: 'SELECT 1 FROM tasks WHERE id = ? AND hold IS NULL',
  // An action has one certificate, and its revocation names the action too.
  unrevoked: `SELECT 1 WHERE NOT EXISTS (
    SELECT 1 FROM statements AS certificate CROSS JOIN statements AS revocation
      ON revocation.action = certificate.action AND revocation.kind = 'revocation'
    WHERE substr(certificate.digest, 1, 5) = substr(unhex(?1), 1, 5) AND certificate.digest = unhex(?1))`,
} as const

/** Writes of ledgers, of how long contents are kept, of statements and policies, and of what was used. */
export const guardWriteSql = {
  /** What does not move along with the journal. */
  moveLedger: `UPDATE tasks SET
      cap_micros_usd = cap_micros_usd + ?2, cap_tokens = cap_tokens + ?3, cap_steps = cap_steps + ?4,
      lent_micros_usd = lent_micros_usd + ?5, lent_tokens = lent_tokens + ?6, lent_steps = lent_steps + ?7,
      spent_micros_usd = spent_micros_usd + ?8, spent_tokens = spent_tokens + ?9, spent_steps = spent_steps + ?10,
      reserved_micros_usd = iif(?14, 0, reserved_micros_usd + ?11),
      reserved_tokens = iif(?14, 0, reserved_tokens + ?12),
      reserved_steps = iif(?14, 0, reserved_steps + ?13)
    WHERE id = ?1`,
  saveKeeping: 'UPDATE tasks SET purge_at = ?, purged_at = ?, hold = ? WHERE id = ?',
  purgeTask: 'UPDATE tasks SET manifest = NULL WHERE id = ?',
  /** Rows are emptied and stay (see 0001-schema.sql); pages of their own are given back. */
  purgeContents: `UPDATE contents SET task = NULL, digest = x'', salt = x'', media_type = '', sealed = 0, body = ''
    WHERE task = (SELECT number FROM tasks WHERE id = ?)`,
  purgeDetails: `UPDATE details SET text = json_object('extension', json_remove(text -> '$.extension', '$.private'))
    WHERE row = (SELECT details_row FROM tasks WHERE id = ?)`,
  purgeRunDetails: `UPDATE details SET text = '' WHERE row IN (
      SELECT details_row FROM runs WHERE task = (SELECT number FROM tasks WHERE id = ?))`,
  purgeRuns: `UPDATE runs SET details_row = NULL
    WHERE task = (SELECT number FROM tasks WHERE id = ?) AND details_row IS NOT NULL`,
  closeRun: 'UPDATE runs SET closed = 1 WHERE id = ?',
  /** Before the run is saved as ended: what has ended already is not counted again, unless it is new. */
  countRun: `INSERT INTO usage_days
      (day, owner_id, agent_id, team_id, runs, cost_micros_usd, input_tokens, output_tokens, steps)
    SELECT ?1, runs.owner_id, runs.agent_id, ifnull(team_id, ''), 1, ?2, ?3, ?4, ?5
    FROM runs JOIN tasks ON tasks.number = runs.task
    WHERE runs.id = ?6 AND (ended_at IS NULL OR ?7)
    ON CONFLICT DO UPDATE SET runs = runs + 1, cost_micros_usd = cost_micros_usd + excluded.cost_micros_usd,
      input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
      steps = steps + excluded.steps`,
  startLog: `INSERT INTO logs (log_id, at, first_row) VALUES (?, ?, (SELECT ifnull(max(row), 0) + 1 FROM statements))`,
  addStatement: `INSERT INTO statements (log, task, run, kind, action, digest, leaf, issued_at, envelope)
    SELECT (SELECT max(number) FROM logs), task, row, ?, ?, unhex(?), unhex(?), ?, ? FROM runs WHERE id = ?`,
  addLooseStatement: `INSERT INTO statements (log, kind, action, digest, leaf, issued_at, envelope)
    VALUES ((SELECT max(number) FROM logs), ?, ?, unhex(?), unhex(?), ?, ?)`,
  /** A node never changes once it is perfect. */
  addLogNodes: `INSERT INTO log_nodes (log, level, place, hash)
    SELECT (SELECT number FROM logs WHERE log_id = ?), value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(?)
    WHERE true ON CONFLICT DO NOTHING`,
  putLogHead: `INSERT INTO log_heads (log, size, root, at, envelope)
    VALUES ((SELECT number FROM logs WHERE log_id = ?), ?, unhex(?), ?, ?)
    ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at,
      envelope = excluded.envelope
    WHERE excluded.size >= size`,
  /** An older version that is put again becomes the newest. */
  putPolicy: `INSERT INTO policies (digest, name, document, cedar, builtin, created_at, place)
    VALUES (?, ?, ?, ?, ?, ?, (SELECT ifnull(max(place), 0) + 1 FROM policies))
    ON CONFLICT (digest) DO UPDATE SET builtin = excluded.builtin, created_at = excluded.created_at, place = excluded.place
    WHERE place < (SELECT max(place) FROM policies AS newest WHERE newest.name = policies.name)`,
} as const
