import { named } from '../named-sql.ts'
import { endpoints, webhookSecrets } from '../tables/webhooks.ts'

/** SQL that writes endpoints, deliveries and secrets. */
export const webhookSql = {
  insertEndpoint: endpoints.insert,
  saveEndpoint: endpoints.update,
  /**
   * This comes after `saveEndpoint`. Every pending delivery takes over the endpoint's server, and the oldest of each
   * task is released where that is allowed.
   */
  moveDeliveries: named(`UPDATE deliveries SET
      target = endpoints.target,
      next_at = iif(endpoints.state = 'active' AND NOT EXISTS (
        SELECT 1 FROM deliveries AS older WHERE older.endpoint = deliveries.endpoint AND older.task = deliveries.task
          AND older.state = 'pending' AND older.seq < deliveries.seq),
        max(ifnull(next_at, 0), endpoints.updated_at, endpoints.hold_until), NULL)
    FROM endpoints
    WHERE endpoints.id = :endpoint AND deliveries.endpoint = endpoints.row AND deliveries.state = 'pending'`),
  holdEndpoint: named('UPDATE endpoints SET hold_until = max(hold_until, :until) WHERE id = :endpoint'),
  holdDeliveries: named(`UPDATE deliveries SET next_at = max(next_at, :until)
    WHERE endpoint = (SELECT row FROM endpoints WHERE id = :endpoint) AND state = 'pending' AND next_at IS NOT NULL`),
  deleteDeliveries: named('DELETE FROM deliveries WHERE endpoint = (SELECT row FROM endpoints WHERE id = :endpoint)'),
  deleteEndpoint: named('DELETE FROM endpoints WHERE id = :endpoint'),
  deleteWebhookSecret: named('DELETE FROM webhook_secrets WHERE holder = :holder'),
  saveDelivery:
    named(`UPDATE deliveries SET state = :state, attempts = :attempts, tries = :tries, settled_at = :settled_at,
      next_at = (
        SELECT max(:next_at, endpoints.hold_until) FROM endpoints
        WHERE endpoints.row = deliveries.endpoint AND endpoints.state = 'active' AND :next_at IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM deliveries AS tried WHERE tried.endpoint = deliveries.endpoint AND tried.task = deliveries.task
            AND tried.state = 'pending' AND tried.next_at IS NOT NULL AND tried.row <> deliveries.row))
    WHERE id = :id`),
  /** This releases the oldest remaining delivery of the endpoint and task. */
  releaseNext: named(`UPDATE deliveries SET next_at = (
      SELECT max(:settled_at, endpoints.hold_until) FROM endpoints
      WHERE endpoints.row = deliveries.endpoint AND endpoints.state = 'active')
    WHERE next_at IS NULL AND row = (
      SELECT next.row FROM deliveries AS settled CROSS JOIN deliveries AS next
        ON next.endpoint = settled.endpoint AND next.task = settled.task AND next.state = 'pending'
      WHERE settled.id = :id ORDER BY next.seq LIMIT 1)`),
  forgetDeliveries: named(`DELETE FROM deliveries WHERE row IN (
      SELECT row FROM deliveries WHERE settled_at < :before ORDER BY settled_at LIMIT :limit)`),
  addWebhookSecret: webhookSecrets.insertIfAbsent,
  saveWebhookSecret: webhookSecrets.upsert,
} as const

/**
 * The first parameters are the number of the task and the seq of the event. It inserts nothing where the endpoint is
 * not active.
 */
export const insertDeliverySql = named(`INSERT INTO deliveries
    (task, seq, id, endpoint, target, kind, state, attempts, tries, next_at, created_at)
  SELECT :task, :seq, :id, row, target, :kind, 'pending', 0, '[]', iif(EXISTS (
      SELECT 1 FROM deliveries AS older
      WHERE older.endpoint = endpoints.row AND older.task = :task AND older.state = 'pending'),
    NULL, max(:at, hold_until)), :at
  FROM endpoints WHERE id = :endpointId AND state = 'active'`)
