import type { Agent } from '../../src/domain/agent.ts'
import type { ApiKey, Team, User } from '../../src/domain/identity.ts'
import { sampleAt, sampleId } from './sample-tasks.ts'

export function sampleAgent(options: Partial<Agent> = {}): Agent {
  return {
    id: sampleId(),
    number: 0,
    ownerId: 'owner-1',
    teamId: null,
    visibility: 'private',
    name: 'Reader',
    description: 'Reads files.',
    instructions: null,
    provider: null,
    model: 'demo',
    tools: ['read_file', 'list_files'],
    capabilities: ['files:read'],
    pathLabels: [{ path: 'private/**', labels: ['personal'] }],
    policy: 'hipaa',
    timeoutMs: 60_000,
    stepsMax: null,
    concurrencyMax: 2,
    state: 'active',
    failures: 0,
    createdAt: sampleAt,
    updatedAt: sampleAt,
    ...options,
  }
}

export function sampleUser(options: Partial<User> = {}): User {
  const id = sampleId()
  return {
    id,
    name: 'Ada',
    email: null,
    teamId: null,
    defaultProvider: null,
    defaultModel: null,
    createdAt: sampleAt,
    ...options,
  }
}

export function sampleTeam(options: Partial<Team> = {}): Team {
  const id = sampleId()
  return {
    id,
    name: 'Research',
    webhookUrl: null,
    defaultProvider: null,
    defaultModel: null,
    createdAt: sampleAt,
    ...options,
  }
}

export function sampleKey(options: Partial<ApiKey> = {}): ApiKey {
  const id = sampleId()
  return {
    id,
    name: 'laptop',
    dialect: 'native',
    prefix: `mdt_${id.slice(-12)}`,
    verifier: 'a1'.repeat(32),
    userId: 'owner-1',
    agentId: null,
    role: 'operator',
    createdAt: sampleAt,
    revokedAt: null,
    ...options,
  }
}
