import type { JsonObject } from '../../../domain/json.ts'
import { runStates } from '../../../domain/run-state.ts'
import type { Place, RecordedConfig, Run, RunConfig } from '../../../domain/task.ts'
import { integer, json, nullable, oneOf, type Parameter, readColumn, text, textAs } from '../columns.ts'
import { defineTable, readOnly, type Spread } from '../table.ts'

/** The place where a run executes. */
export const place = textAs<Place>()

/**
 * The run's configuration. The dialect's frozen data is private content of its user and is stored in the run's details.
 */
const config: Spread<RunConfig> = {
  columns: { config: ({ extension: _inDetails, ...recorded }) => JSON.stringify(recorded) },
  read: (row) => ({
    ...readColumn(row, 'config', json<RecordedConfig>()),
    extension: readColumn(row, 'private', nullable(json<JsonObject>())) ?? {},
  }),
}

/** The instant from which a run could start, which orders its lane. */
function startAt({ queuedAt, notBefore }: Run): number {
  return Math.max(queuedAt, notBefore ?? 0)
}

/** Runs. A row is read with the id of its task and the private part of its details. */
export const runs = defineTable<Run>({
  name: 'runs',
  key: 'id',
  assigned: ['task', 'details_row'],
  kept: ['owner_id', 'agent_id', 'turn', 'place', 'priority', 'stop_requested_at', 'config', 'input'],
  fields: {
    id: text,
    taskId: readOnly(text),
    ownerId: text,
    agentId: text,
    turn: integer,
    place,
    state: oneOf(runStates),
    attempt: integer,
    lostAttempts: integer,
    priority: integer,
    queuedAt: integer,
    notBefore: nullable(integer),
    stopRequestedAt: nullable(integer),
    config,
    input: text,
    result: nullable(text),
    error: nullable(json()),
    steps: integer,
    usage: json(),
    costMicrosUsd: integer,
    activeMs: integer,
    claimedAt: nullable(integer),
    startedAt: nullable(integer),
    endedAt: nullable(integer),
  },
  derived: { start_at: startAt, overdue_at: (run) => startAt(run) + run.config.queueTimeoutMs },
})

/** The parameters of `insertDetails`, or null where no dialect froze data with the run. */
export function runDetailsParameters({ config }: Run): Parameter[] | null {
  const { extension } = config
  return Object.keys(extension).length === 0 ? null : [null, null, null, JSON.stringify(extension)]
}
