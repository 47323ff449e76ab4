import { type Delivery, deliveryStates, type NewDelivery } from '../../domain/delivery.ts'
import { eventKinds } from '../../domain/event.ts'
import {
  disabledReasons,
  type Endpoint,
  endpointFormats,
  endpointStates,
  type SealedSecret,
  type SecretHolder,
  targetOf,
} from '../../domain/webhook.ts'
import { bytes, integer, integerOrNull, json, oneOf, type Row, text, textOrNull } from './columns.ts'
import type { Parameter } from './encoded-commit.ts'

// Rows of webhooks and what the domain means by them. The order of parameters is that of webhook-statements.ts.

export function newEndpointParameters(endpoint: Endpoint): Parameter[] {
  const { ownerId, taskId, teamId, agentId, url, events, format, secretHolder } = endpoint
  const { state, disabledBecause, holdUntil, createdAt, updatedAt, id } = endpoint
  return [
    ...[ownerId, taskId, teamId, agentId, url, targetOf(url), JSON.stringify(events), format, secretHolder],
    ...[state, disabledBecause, holdUntil, createdAt, updatedAt, id],
  ]
}

export function savedEndpointParameters(endpoint: Endpoint): Parameter[] {
  const { agentId, url, events, state, disabledBecause, holdUntil, updatedAt, id } = endpoint
  return [agentId, url, targetOf(url), JSON.stringify(events), state, disabledBecause, holdUntil, updatedAt, id]
}

export function endpointOf(row: Row): Endpoint {
  return {
    id: text(row, 'id'),
    ownerId: text(row, 'owner_id'),
    taskId: textOrNull(row, 'task_id'),
    teamId: textOrNull(row, 'team_id'),
    agentId: textOrNull(row, 'agent_id'),
    url: text(row, 'url'),
    events: json(row, 'events'),
    format: oneOf(endpointFormats, row, 'format'),
    secretHolder: holderOf(row, 'secret_holder'),
    state: oneOf(endpointStates, row, 'state'),
    disabledBecause: row['disabled_because'] === null ? null : oneOf(disabledReasons, row, 'disabled_because'),
    holdUntil: integer(row, 'hold_until'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  }
}

function holderOf(row: Row, column: string): SecretHolder {
  return text(row, column) as SecretHolder // the writer has stored nothing else
}

/** What follows the task's number and the event's seq. */
export function newDeliveryParameters({ id, kind, at, endpointId }: NewDelivery): Parameter[] {
  return [id, kind, at, endpointId]
}

export function savedDeliveryParameters(delivery: Delivery): Parameter[] {
  const { state, attempts, tries, nextAt, settledAt, id } = delivery
  return [state, attempts, JSON.stringify(tries), nextAt, settledAt, id]
}

/** Of a row of `deliveries` with its task's and its endpoint's ids. */
export function deliveryOf(row: Row): Delivery {
  return {
    id: text(row, 'id'),
    endpointId: text(row, 'endpoint_id'),
    taskId: text(row, 'task_id'),
    seq: integer(row, 'seq'),
    kind: oneOf(eventKinds, row, 'kind'),
    state: oneOf(deliveryStates, row, 'state'),
    attempts: integer(row, 'attempts'),
    tries: json(row, 'tries'),
    nextAt: integerOrNull(row, 'next_at'),
    createdAt: integer(row, 'created_at'),
    settledAt: integerOrNull(row, 'settled_at'),
  }
}

export function secretParameters({ holder, sealed, previous, updatedAt }: SealedSecret): Parameter[] {
  const before = previous === null ? [null, null] : [new Uint8Array(previous.sealed), previous.until]
  return [holder, new Uint8Array(sealed), ...before, updatedAt]
}

export function secretOf(row: Row): SealedSecret {
  const until = integerOrNull(row, 'previous_until')
  return {
    holder: holderOf(row, 'holder'),
    sealed: bytes(row, 'sealed'),
    previous: until === null ? null : { sealed: bytes(row, 'previous'), until },
    updatedAt: integer(row, 'updated_at'),
  }
}
