import { type Delivery, deliveryStates } from '../../../domain/delivery.ts'
import { eventKinds } from '../../../domain/event.ts'
import {
  disabledReasons,
  type EncryptedSecret,
  type Endpoint,
  endpointFormats,
  endpointStates,
  type SecretHolder,
  targetOf,
} from '../../../domain/webhook.ts'
import { bytes, integer, json, nullable, oneOf, readColumn, text, textAs } from '../columns.ts'
import { defineTable, readOnly, type Spread } from '../table.ts'

/** The endpoints that events are delivered to. */
export const endpoints = defineTable<Endpoint>({
  name: 'endpoints',
  key: 'id',
  kept: ['owner_id', 'task_id', 'team_id', 'format', 'secret_holder', 'created_at'],
  fields: {
    id: text,
    ownerId: text,
    taskId: nullable(text),
    teamId: nullable(text),
    agentId: nullable(text),
    url: text,
    events: json(),
    format: oneOf(endpointFormats),
    answerLinks: nullable(json()),
    secretHolder: textAs<SecretHolder>(),
    state: oneOf(endpointStates),
    disabledBecause: nullable(oneOf(disabledReasons)),
    holdUntil: integer,
    createdAt: integer,
    updatedAt: integer,
  },
  derived: { target: ({ url }) => targetOf(url) },
})

/** Deliveries. A row is read with the ids of its endpoint and its task. */
export const deliveries = defineTable<Delivery>({
  name: 'deliveries',
  key: 'id',
  fields: {
    id: text,
    endpointId: readOnly(text),
    taskId: readOnly(text),
    seq: integer,
    kind: oneOf(eventKinds),
    state: oneOf(deliveryStates),
    attempts: integer,
    tries: json(),
    nextAt: nullable(integer),
    createdAt: integer,
    settledAt: nullable(integer),
  },
})

const previousSecret: Spread<EncryptedSecret['previous']> = {
  columns: {
    previous: (secret) => (secret === null ? null : bytes.write(secret.encrypted)),
    previous_until: (secret) => secret?.until ?? null,
  },
  read(row) {
    const until = readColumn(row, 'previous_until', nullable(integer))
    return until === null ? null : { encrypted: readColumn(row, 'previous', bytes), until }
  },
}

/** The secrets that sign webhooks, encrypted, one for each holder. */
export const webhookSecrets = defineTable<EncryptedSecret>({
  name: 'webhook_secrets',
  key: 'holder',
  fields: {
    holder: textAs<SecretHolder>(),
    encrypted: bytes,
    previous: previousSecret,
    updatedAt: integer,
  },
})
