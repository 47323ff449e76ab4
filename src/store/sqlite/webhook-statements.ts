export const webhookCheckSql = {
  endpointAt: 'SELECT 1 FROM endpoints WHERE id = ? AND updated_at = ?',
  deliveryAt: 'SELECT 1 FROM deliveries WHERE id = ? AND state = ? AND attempts = ?',
} as const

/** Writes of endpoints, deliveries and secrets. */
export const webhookWriteSql = {
  insertEndpoint: `INSERT INTO endpoints (owner_id, task_id, team_id, agent_id, url, target, events, format, secret_holder, state,
      disabled_because, hold_until, created_at, updated_at, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveEndpoint: `UPDATE endpoints SET agent_id = ?, url = ?, target = ?, events = ?, state = ?, disabled_because = ?,
      hold_until = ?, updated_at = ?
    WHERE id = ?`,
  /** After saveEndpoint: all that is pending takes over its server; of each task the oldest goes on, if it may. */
  moveDeliveries: `UPDATE deliveries SET
      target = endpoints.target,
      next_at = iif(endpoints.state = 'active' AND NOT EXISTS (
        SELECT 1 FROM deliveries AS older WHERE older.endpoint = deliveries.endpoint AND older.task = deliveries.task
          AND older.state = 'pending' AND older.seq < deliveries.seq),
        max(ifnull(next_at, 0), endpoints.updated_at, endpoints.hold_until), NULL)
    FROM endpoints
    WHERE endpoints.id = ? AND deliveries.endpoint = endpoints.row AND deliveries.state = 'pending'`,
  holdEndpoint: 'UPDATE endpoints SET hold_until = max(hold_until, ?) WHERE id = ?',
  holdDeliveries: `UPDATE deliveries SET next_at = max(next_at, ?)
    WHERE endpoint = (SELECT row FROM endpoints WHERE id = ?) AND state = 'pending' AND next_at IS NOT NULL`,
  deleteDeliveries: 'DELETE FROM deliveries WHERE endpoint = (SELECT row FROM endpoints WHERE id = ?)',
  deleteEndpoint: 'DELETE FROM endpoints WHERE id = ?',
  deleteWebhookSecret: 'DELETE FROM webhook_secrets WHERE holder = ?',
  saveDelivery: `UPDATE deliveries SET state = ?1, attempts = ?2, tries = ?3, settled_at = ?5, next_at = (
      SELECT max(?4, endpoints.hold_until) FROM endpoints
      WHERE endpoints.row = deliveries.endpoint AND endpoints.state = 'active' AND ?4 IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM deliveries AS tried WHERE tried.endpoint = deliveries.endpoint AND tried.task = deliveries.task
          AND tried.state = 'pending' AND tried.next_at IS NOT NULL AND tried.row <> deliveries.row))
    WHERE id = ?6`,
  /** The oldest that is left of the pair goes next. */
  releaseNext: `UPDATE deliveries SET next_at = (
      SELECT max(?1, endpoints.hold_until) FROM endpoints
      WHERE endpoints.row = deliveries.endpoint AND endpoints.state = 'active')
    WHERE next_at IS NULL AND row = (
      SELECT next.row FROM deliveries AS settled CROSS JOIN deliveries AS next
        ON next.endpoint = settled.endpoint AND next.task = settled.task AND next.state = 'pending'
      WHERE settled.id = ?2 ORDER BY next.seq LIMIT 1)`,
  forgetDeliveries: `DELETE FROM deliveries WHERE row IN (
      SELECT row FROM deliveries WHERE settled_at < ? ORDER BY settled_at LIMIT ?)`,
  addWebhookSecret: `INSERT INTO webhook_secrets (holder, sealed, previous, previous_until, updated_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (holder) DO NOTHING`,
  saveWebhookSecret: `INSERT INTO webhook_secrets (holder, sealed, previous, previous_until, updated_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (holder) DO UPDATE SET sealed = excluded.sealed, previous = excluded.previous,
      previous_until = excluded.previous_until, updated_at = excluded.updated_at`,
} as const

/** Needs the number of its task and the seq of its event; what no active endpoint waits for is left out. */
export const insertDeliverySql = `INSERT INTO deliveries (id, endpoint, target, task, seq, kind, state, attempts, tries, next_at,
    created_at)
  SELECT ?3, row, target, ?1, ?2, ?4, 'pending', 0, '[]', iif(EXISTS (
      SELECT 1 FROM deliveries AS older WHERE older.endpoint = endpoints.row AND older.task = ?1 AND older.state = 'pending'),
    NULL, max(?5, hold_until)), ?5
  FROM endpoints WHERE id = ?6 AND state = 'active'`
