import { type Agent, agentStates } from '../../domain/agent.ts'
import type { Content, Digest } from '../../domain/content.ts'
import type { JournalEvent, NewEvent } from '../../domain/event.ts'
import type { ApiKey, Team, User } from '../../domain/identity.ts'
import { dialects, roles, visibilities } from '../../domain/principal.ts'
import { runStates } from '../../domain/run-state.ts'
import type { Place, Run, Task } from '../../domain/task.ts'
import { detailsText, purgedDetails, type TaskDetails } from '../../domain/task-details.ts'
import type { QueuedRun } from '../store.ts'
import { bytes, flag, integer, integerOrNull, json, oneOf, type Row, text, textOrNull } from './columns.ts'
import type { Parameter } from './encoded-commit.ts'
import { ledgerOf, ledgerParameters } from './ledger-rows.ts'
import { configOf } from './run-config-rows.ts'

// The one place where rows become what the domain means, and back. The order of parameters is that of statements.ts.

export function taskParameters(task: Task, lastSeq: number): Parameter[] {
  return [
    detailsText(task),
    task.id,
    task.ownerId,
    task.teamId,
    task.submitter.userId,
    task.submitter.keyId,
    task.visibility,
    task.agentId,
    task.dialect,
    task.parentId,
    task.rootId,
    jsonOrNull(task.webhook),
    task.runId,
    task.state,
    lastSeq,
    task.manifest,
    task.createdAt,
    task.updatedAt,
    ...ledgerParameters(task.ledger),
    task.purgeAt,
    task.purgedAt,
    task.hold,
  ]
}

/** Of a row of `tasks` with the text of its details as `details`. */
export function taskOf(row: Row): Task {
  return {
    id: text(row, 'id'),
    number: integer(row, 'number'),
    ownerId: text(row, 'owner_id'),
    teamId: textOrNull(row, 'team_id'),
    submitter: { userId: text(row, 'submitter_id'), keyId: textOrNull(row, 'submitter_key_id') },
    visibility: oneOf(visibilities, row, 'visibility'),
    agentId: text(row, 'agent_id'),
    dialect: oneOf(dialects, row, 'dialect'),
    parentId: textOrNull(row, 'parent_id'),
    rootId: text(row, 'root_id'),
    ...purgedDetails,
    ...json<Partial<TaskDetails>>(row, 'details'),
    webhook: row['webhook'] === null ? null : json(row, 'webhook'),
    runId: text(row, 'run_id'),
    state: oneOf(runStates, row, 'state'),
    lastSeq: integer(row, 'last_seq'),
    ledger: ledgerOf(row),
    purgeAt: integerOrNull(row, 'purge_at'),
    purgedAt: integerOrNull(row, 'purged_at'),
    hold: textOrNull(row, 'hold'),
    manifest: textOrNull(row, 'manifest'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  }
}

/** Since when a run could start: what its lane is ordered by. */
function startAt(run: Run): number {
  return Math.max(run.queuedAt, run.notBefore ?? 0)
}

export function newRunParameters(run: Run): Parameter[] {
  const { extension, ...config } = run.config
  return [
    Object.keys(extension).length === 0 ? null : JSON.stringify(extension),
    run.id,
    run.ownerId,
    run.agentId,
    run.turn,
    run.place,
    run.state,
    run.attempt,
    run.lostAttempts,
    run.priority,
    run.queuedAt,
    run.notBefore,
    startAt(run),
    startAt(run) + run.config.queueTimeoutMs,
    Number(run.stopRequested),
    JSON.stringify(config),
    run.input,
    run.result,
    jsonOrNull(run.error),
    run.steps,
    JSON.stringify(run.usage),
    run.costMicrosUsd,
    run.activeMs,
    run.claimedAt,
    run.startedAt,
    run.endedAt,
  ]
}

export function savedRunParameters(run: Run): Parameter[] {
  return [
    run.state,
    run.attempt,
    run.lostAttempts,
    run.queuedAt,
    run.notBefore,
    startAt(run),
    startAt(run) + run.config.queueTimeoutMs,
    run.result,
    jsonOrNull(run.error),
    run.steps,
    JSON.stringify(run.usage),
    run.costMicrosUsd,
    run.activeMs,
    run.claimedAt,
    run.startedAt,
    run.endedAt,
    run.id,
  ]
}

/** Of a row of `runs` with its task's id as `task_id` and the text of its details as `details`. */
export function runOf(row: Row): Run {
  return {
    id: text(row, 'id'),
    taskId: text(row, 'task_id'),
    ownerId: text(row, 'owner_id'),
    agentId: text(row, 'agent_id'),
    turn: integer(row, 'turn'),
    place: placeOf(row),
    state: oneOf(runStates, row, 'state'),
    attempt: integer(row, 'attempt'),
    lostAttempts: integer(row, 'lost_attempts'),
    priority: integer(row, 'priority'),
    queuedAt: integer(row, 'queued_at'),
    notBefore: integerOrNull(row, 'not_before'),
    stopRequested: flag(row, 'stop_requested'),
    config: configOf(row),
    input: text(row, 'input'),
    result: textOrNull(row, 'result'),
    error: row['error'] === null ? null : json(row, 'error'),
    steps: integer(row, 'steps'),
    usage: json(row, 'usage'),
    costMicrosUsd: integer(row, 'cost_micros_usd'),
    activeMs: integer(row, 'active_ms'),
    claimedAt: integerOrNull(row, 'claimed_at'),
    startedAt: integerOrNull(row, 'started_at'),
    endedAt: integerOrNull(row, 'ended_at'),
  }
}

export function queuedRunOf(row: Row): QueuedRun {
  return {
    place: placeOf(row),
    priority: integer(row, 'priority'),
    ownerId: text(row, 'owner_id'),
    agentId: text(row, 'agent_id'),
    runId: text(row, 'id'),
    taskId: text(row, 'task_id'),
    queuedAt: integer(row, 'start_at'),
  }
}

export function placeOf(row: Row): Place {
  const place = text(row, 'place')
  if (place.startsWith('cloud:')) return `cloud:${place.slice('cloud:'.length)}`
  return `machine:${place.slice('machine:'.length)}`
}

export function eventParameter(event: NewEvent): string {
  const { kind, run, attempt, at, facts, contents } = event
  return JSON.stringify({ kind, run, attempt, at, facts, contents })
}

/** The events of one batch, in order. */
export function eventsOf(row: Row): JournalEvent[] {
  const batch: NewEvent[] = json(row, 'batch')
  const before = integer(row, 'last_seq') - batch.length
  // The writer has stored nothing but new events.
  return batch.map((envelope, index) => ({ seq: before + index + 1, ...envelope }) as JournalEvent)
}

export function contentParameters(content: Content): Parameter[] {
  const { digest, salt, mediaType, sealed, body } = content
  return [digest.slice(digestPrefix.length), salt, mediaType, Number(sealed), ownBytes(body)]
}

export function contentOf(digest: Digest, row: Row): Content {
  return {
    digest,
    salt: Buffer.from(bytes(row, 'salt')).toString('hex'),
    mediaType: text(row, 'media_type'),
    sealed: flag(row, 'sealed'),
    body: typeof row['body'] === 'string' ? row['body'] : bytes(row, 'body'),
  }
}

const digestPrefix = 'sha256:'

export function digestParameter(digest: Digest): string {
  return digest.slice(digestPrefix.length)
}

/** What is sent to the writer is copied with all the memory that it is a view of. */
function ownBytes(body: string | Uint8Array): string | Uint8Array {
  return typeof body === 'string' || body.byteLength === body.buffer.byteLength ? body : new Uint8Array(body)
}

export function agentParameters(agent: Agent): Parameter[] {
  return [
    agent.ownerId,
    agent.teamId,
    agent.visibility,
    agent.name,
    agent.description,
    agent.instructions,
    agent.provider,
    agent.model,
    JSON.stringify(agent.tools),
    JSON.stringify(agent.capabilities),
    agent.timeoutMs,
    agent.stepsMax,
    agent.concurrencyMax,
    agent.state,
    agent.failures,
    agent.createdAt,
    agent.updatedAt,
    JSON.stringify(agent.pathLabels),
    agent.policy,
    agent.id,
  ]
}

export function agentOf(row: Row): Agent {
  return {
    id: text(row, 'id'),
    number: integer(row, 'number'),
    ownerId: text(row, 'owner_id'),
    teamId: textOrNull(row, 'team_id'),
    visibility: oneOf(visibilities, row, 'visibility'),
    name: text(row, 'name'),
    description: text(row, 'description'),
    instructions: textOrNull(row, 'instructions'),
    provider: textOrNull(row, 'provider'),
    model: textOrNull(row, 'model'),
    tools: json(row, 'tools'),
    capabilities: json(row, 'capabilities'),
    pathLabels: json(row, 'path_labels'),
    policy: textOrNull(row, 'policy'),
    timeoutMs: integerOrNull(row, 'timeout_ms'),
    stepsMax: integerOrNull(row, 'steps_max'),
    concurrencyMax: integerOrNull(row, 'concurrency_max'),
    state: oneOf(agentStates, row, 'state'),
    failures: integer(row, 'failures'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  }
}

export function userParameters(user: User): Parameter[] {
  return [user.name, user.email, user.teamId, user.defaultProvider, user.defaultModel, user.createdAt, user.id]
}

export function userOf(row: Row): User {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    email: textOrNull(row, 'email'),
    teamId: textOrNull(row, 'team_id'),
    defaultProvider: textOrNull(row, 'default_provider'),
    defaultModel: textOrNull(row, 'default_model'),
    createdAt: integer(row, 'created_at'),
  }
}

export function teamParameters(team: Team): Parameter[] {
  return [team.name, team.webhookUrl, team.defaultProvider, team.defaultModel, team.createdAt, team.id]
}

export function teamOf(row: Row): Team {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    webhookUrl: textOrNull(row, 'webhook_url'),
    defaultProvider: textOrNull(row, 'default_provider'),
    defaultModel: textOrNull(row, 'default_model'),
    createdAt: integer(row, 'created_at'),
  }
}

export function keyParameters(key: ApiKey): Parameter[] {
  const { name, dialect, prefix, verifier, userId, agentId, role, createdAt, revokedAt, id } = key
  return [name, dialect, prefix, verifier, userId, agentId, role, createdAt, revokedAt, id]
}

export function keyOf(row: Row): ApiKey {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    dialect: oneOf(dialects, row, 'dialect'),
    prefix: text(row, 'prefix'),
    verifier: text(row, 'verifier'),
    userId: text(row, 'user_id'),
    agentId: textOrNull(row, 'agent_id'),
    role: oneOf(roles, row, 'role'),
    createdAt: integer(row, 'created_at'),
    revokedAt: integerOrNull(row, 'revoked_at'),
  }
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}
