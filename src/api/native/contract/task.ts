import { type Static, Type } from 'typebox'
import { dialects, visibilities } from '../../../domain/principal.ts'
import { LedgerSchema } from './budget.ts'
import { count, instant, microsUsd, nullable, uuid } from './fields.ts'
import { DeniedCapabilitySchema, PolicyRefSchema } from './policy-ref.ts'
import { RunErrorSchema, RunSchema, RunStateSchema } from './run.ts'
import { UsageSchema } from './usage.ts'

/** Decides who may read a task or an agent beside its owner. */
export const VisibilitySchema = Type.Enum([...visibilities])
/** The API through which a task came. */
export const DialectSchema = Type.Enum([...dialects])

const summary = {
  id: uuid(),
  number: Type.Integer({ minimum: 1, description: 'Unique per server.' }),
  state: RunStateSchema,
  title: Type.String(),
  error: nullable(RunErrorSchema),
  agent_id: uuid(),
  owner: nullable(
    Type.String({ description: 'The id of the user it belongs to; null for others to whom it is shown.' }),
  ),
  visibility: VisibilitySchema,
  priority: Type.Integer({ minimum: 1, maximum: 10 }),
  metadata: Type.Record(Type.String(), Type.Unknown()),
  parent_id: nullable(uuid()),
  dialect: DialectSchema,
  policy: PolicyRefSchema,
  capabilities: Type.Array(Type.String(), { description: 'What the latest run may do.' }),
  denied_capabilities: Type.Array(DeniedCapabilitySchema),
  budget: LedgerSchema,
  hold: nullable(
    Type.String({
      description:
        'Why its contents are kept whatever happens; null for no legal hold, and for others to whom it is shown.',
    }),
  ),
  purge_at: nullable(instant()),
  purged_at: nullable(instant()),
  run: RunSchema,
  usage: UsageSchema,
  cost_micros_usd: microsUsd(),
  last_seq: count(),
  created_at: instant(),
  started_at: nullable(instant()),
  ended_at: nullable(instant()),
  updated_at: instant(),
}

/**
 * A task in a list, without contents. `state`, `error`, `run`, `priority`, `started_at`, `ended_at`, `policy` and the
 * capabilities are those of the latest run; `usage` and `cost_micros_usd` are sums over all runs.
 */
const TaskSummarySchema = Type.Object(summary)
/** One row of `GET /v1/tasks`. */
export type TaskSummary = Static<typeof TaskSummarySchema>

/**
 * A task. `input` is the message that started the latest run, and `result` the last text of the model. Either is null
 * where it does not exist, where it was purged, and where it is sealed (then the flag beside it is true, and the
 * bytes are in the journal).
 */
export const TaskSchema = Type.Object({
  ...summary,
  input: nullable(Type.String()),
  input_sealed: Type.Boolean(),
  result: nullable(Type.String()),
  result_sealed: Type.Boolean(),
})
/** The response of every call that reads or changes one task. */
export type TaskView = Static<typeof TaskSchema>

/** The answer that lists tasks, newest first. `next_cursor` is null on the last page. */
export const TaskPageSchema = Type.Object({
  tasks: Type.Array(TaskSummarySchema),
  has_more: Type.Boolean(),
  next_cursor: nullable(Type.String()),
})
/** The response of `GET /v1/tasks`. */
export type TaskPage = Static<typeof TaskPageSchema>
