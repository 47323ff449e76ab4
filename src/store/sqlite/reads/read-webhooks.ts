import type { DatabaseSync } from 'node:sqlite'
import type { Receiver, Store } from '../../store.ts'
import { integer, readColumn, text } from '../columns.ts'
import { deliveries as deliveryTable, endpoints as endpointTable, webhookSecrets } from '../tables/webhooks.ts'
import { pageParameters } from './read-identities.ts'

type WebhookReads = Pick<
  Store,
  | 'readEndpoint'
  | 'listEndpoints'
  | 'listTaskEndpoints'
  | 'readTeamEndpoint'
  | 'readDelivery'
  | 'listDeliveries'
  | 'listReceivers'
  | 'listDueDeliveries'
  | 'oldestSettledDelivery'
  | 'readWebhookSecret'
>

const newestFirst = (table: string) =>
  `(${table}.created_at, ${table}.id) < (?, ?) ORDER BY ${table}.created_at DESC, ${table}.id DESC LIMIT ?`

const delivery = `SELECT deliveries.*, endpoints.id AS endpoint_id, tasks.id AS task_id FROM deliveries
  CROSS JOIN endpoints ON endpoints.row = deliveries.endpoint CROSS JOIN tasks ON tasks.number = deliveries.task`
const deliveriesOf = `SELECT deliveries.*, endpoints.id AS endpoint_id, tasks.id AS task_id FROM endpoints
  CROSS JOIN deliveries ON deliveries.endpoint = endpoints.row CROSS JOIN tasks ON tasks.number = deliveries.task
  WHERE endpoints.id = ?`

/** The SQL is exported so that a test can read the query plan of each. */
export const webhookSql = {
  endpoint: 'SELECT * FROM endpoints WHERE id = ?',
  endpoints: `SELECT * FROM endpoints WHERE task_id IS NULL AND ${newestFirst('endpoints')}`,
  endpointsOfOwner: `SELECT * FROM endpoints WHERE task_id IS NULL AND owner_id = ? AND ${newestFirst('endpoints')}`,
  endpointsOfTask: 'SELECT * FROM endpoints WHERE task_id = ?',
  endpointOfTeam: 'SELECT * FROM endpoints WHERE team_id = ?',
  delivery: `${delivery} WHERE deliveries.id = ?`,
  deliveries: `${deliveriesOf} AND ${newestFirst('deliveries')}`,
  deliveriesInState: `${deliveriesOf} AND deliveries.state = ? AND ${newestFirst('deliveries')}`,
  /** The next server in the index, with the instant of its first delivery. */
  nextReceiver: `SELECT target, next_at FROM deliveries WHERE next_at IS NOT NULL AND target > ?
    ORDER BY target, next_at LIMIT 1`,
  due: `${delivery} WHERE deliveries.target = ? AND deliveries.next_at <= ? ORDER BY deliveries.next_at LIMIT ?`,
  oldestSettled: 'SELECT settled_at FROM deliveries WHERE settled_at IS NOT NULL ORDER BY settled_at LIMIT 1',
  secret: 'SELECT * FROM webhook_secrets WHERE holder = ?',
} as const

/** Reads of endpoints, deliveries and secrets. Due deliveries are found by seeks, however many wait. */
export function createWebhookReads(database: DatabaseSync): WebhookReads {
  const readEndpoint = database.prepare(webhookSql.endpoint)
  const endpoints = database.prepare(webhookSql.endpoints)
  const endpointsOfOwner = database.prepare(webhookSql.endpointsOfOwner)
  const endpointsOfTask = database.prepare(webhookSql.endpointsOfTask)
  const endpointOfTeam = database.prepare(webhookSql.endpointOfTeam)
  const readDelivery = database.prepare(webhookSql.delivery)
  const deliveries = database.prepare(webhookSql.deliveries)
  const deliveriesInState = database.prepare(webhookSql.deliveriesInState)
  const nextReceiver = database.prepare(webhookSql.nextReceiver)
  const due = database.prepare(webhookSql.due)
  const oldestSettled = database.prepare(webhookSql.oldestSettled)
  const secret = database.prepare(webhookSql.secret)
  return {
    readEndpoint: async (id) => readEndpoint.all(id).map(endpointTable.read)[0],
    async listEndpoints(ownerId, page) {
      const parameters = pageParameters(page)
      const rows = ownerId === undefined ? endpoints.all(...parameters) : endpointsOfOwner.all(ownerId, ...parameters)
      return rows.map(endpointTable.read)
    },
    listTaskEndpoints: async (taskId) => endpointsOfTask.all(taskId).map(endpointTable.read),
    readTeamEndpoint: async (teamId) => endpointOfTeam.all(teamId).map(endpointTable.read)[0],
    readDelivery: async (id) => readDelivery.all(id).map(deliveryTable.read)[0],
    async listDeliveries(endpointId, state, page) {
      const parameters = pageParameters(page)
      const rows =
        state === undefined
          ? deliveries.all(endpointId, ...parameters)
          : deliveriesInState.all(endpointId, state, ...parameters)
      return rows.map(deliveryTable.read)
    },
    async listReceivers() {
      const receivers: Receiver[] = []
      let row = nextReceiver.get('')
      while (row !== undefined) {
        const receiver = { target: readColumn(row, 'target', text), nextAt: readColumn(row, 'next_at', integer) }
        receivers.push(receiver)
        row = nextReceiver.get(receiver.target)
      }
      return receivers
    },
    listDueDeliveries: async (target, now, limit) => due.all(target, now, limit).map(deliveryTable.read),
    async oldestSettledDelivery() {
      const row = oldestSettled.get()
      return row === undefined ? undefined : readColumn(row, 'settled_at', integer)
    },
    readWebhookSecret: async (holder) => secret.all(holder).map(webhookSecrets.read)[0],
  }
}
