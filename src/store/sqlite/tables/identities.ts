import { type Agent, agentStates } from '../../../domain/agent.ts'
import type { ApiKey, Team, User } from '../../../domain/identity.ts'
import { dialects, roles, visibilities } from '../../../domain/principal.ts'
import { integer, json, nullable, oneOf, text } from '../columns.ts'
import { defineTable, readOnly } from '../table.ts'

/** The users of the installation. */
export const users = defineTable<User>({
  name: 'users',
  key: 'id',
  fields: {
    id: text,
    name: text,
    email: nullable(text),
    teamId: nullable(text),
    defaultProvider: nullable(text),
    defaultModel: nullable(text),
    createdAt: integer,
  },
})

/** The teams of the installation. */
export const teams = defineTable<Team>({
  name: 'teams',
  key: 'id',
  fields: {
    id: text,
    name: text,
    webhookUrl: nullable(text),
    defaultProvider: nullable(text),
    defaultModel: nullable(text),
    createdAt: integer,
  },
})

/** API keys. Only their verifiers are stored. */
export const keys = defineTable<ApiKey>({
  name: 'keys',
  key: 'id',
  fields: {
    id: text,
    name: text,
    dialect: oneOf(dialects),
    prefix: text,
    verifier: text,
    userId: text,
    agentId: nullable(text),
    role: oneOf(roles),
    createdAt: integer,
    revokedAt: nullable(integer),
  },
})

/** Agents. The store assigns their numbers. */
export const agents = defineTable<Agent>({
  name: 'agents',
  key: 'id',
  fields: {
    id: text,
    number: readOnly(integer),
    ownerId: text,
    teamId: nullable(text),
    visibility: oneOf(visibilities),
    name: text,
    description: text,
    instructions: nullable(text),
    provider: nullable(text),
    model: nullable(text),
    tools: json(),
    capabilities: json(),
    pathLabels: json(),
    policy: nullable(text),
    timeoutMs: nullable(integer),
    stepsMax: nullable(integer),
    concurrencyMax: nullable(integer),
    state: oneOf(agentStates),
    failures: integer,
    createdAt: integer,
    updatedAt: integer,
  },
})
