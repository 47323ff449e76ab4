import { createHash, createHmac } from 'node:crypto'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { readExecution } from './present-execution.ts'
import { sortedJson } from './sorted-json.ts'

/** What is sent to a `webhook_url` when an execution has ended: the execution as it is read, in the form that is signed. */
export async function webhookBody(rooms: ServerRooms, snapshot: TaskSnapshot, publicUrl: string): Promise<string> {
  return sortedJson(await readExecution(rooms, snapshot, publicUrl))
}

/** Certior's own headers of a delivery; the same `deliveryId` gives the same `wh_…` on every try. */
export function webhookHeaders(deliveryId: string, body: string, secret: string | Uint8Array): Record<string, string> {
  const twelve = createHash('sha256').update(deliveryId).digest('hex').slice(0, 12)
  return {
    'content-type': 'application/json',
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': `wh_${twelve}`,
    'x-certior-signature': createHmac('sha256', secret).update(body).digest('hex'),
  }
}
