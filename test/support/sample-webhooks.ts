import type { NewDelivery } from '../../src/domain/delivery.ts'
import type { EventKind } from '../../src/domain/event.ts'
import type { Endpoint } from '../../src/domain/webhook.ts'
import { sampleAt, sampleId } from './sample-tasks.ts'

export function sampleEndpoint(options: Partial<Endpoint> = {}): Endpoint {
  const id = sampleId()
  return {
    id,
    ownerId: 'owner-1',
    taskId: null,
    teamId: null,
    agentId: null,
    url: 'https://hooks.example.com/in',
    events: ['*'],
    format: 'standard',
    answerLinks: null,
    secretHolder: `endpoint:${id}`,
    state: 'active',
    disabledBecause: null,
    holdUntil: 0,
    createdAt: sampleAt,
    updatedAt: sampleAt,
    ...options,
  }
}

export function sampleDelivery(endpoint: Endpoint, event: number, kind: EventKind, at = sampleAt): NewDelivery {
  return { id: sampleId(), endpointId: endpoint.id, event, kind, at }
}
