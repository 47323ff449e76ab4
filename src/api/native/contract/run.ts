import { type Static, Type } from 'typebox'
import { runStates } from '../../../domain/run-state.ts'
import { count, instant, microsUsd, nullable, uuid } from './fields.ts'
import { UsageSchema } from './usage.ts'

/** The state of a run. `domain/run-state.ts` defines the transitions. */
export const RunStateSchema = Type.Enum([...runStates])

/** The reason why a run did not succeed: a stable code, and a sentence for people. */
export const RunErrorSchema = Type.Object({ code: Type.String(), message: Type.String() })

/** One turn of work on a task, with the configuration that was frozen when it was queued. */
export const RunSchema = Type.Object({
  id: uuid(),
  turn: Type.Integer({ minimum: 1, description: '1 for the first run of a task.' }),
  state: RunStateSchema,
  attempt: Type.Integer({ minimum: 0, description: '0 until first claimed; every claim adds one.' }),
  place: Type.String({ description: 'Where it runs: cloud:<pool> or machine:<id>.' }),
  provider: Type.String(),
  model: Type.String({ description: "The provider's own name of the model." }),
  model_name: nullable(Type.String({ description: "The catalogue's name; null when the model was given verbatim." })),
  priority: Type.Integer({ minimum: 1, maximum: 10 }),
  steps: count(),
  max_steps: count(),
  timeout_seconds: Type.Number({ minimum: 0 }),
  stop_requested_at: nullable(instant()),
  ignored_fields: Type.Array(Type.String(), {
    description: 'Fields of the request that had no effect: dialects leave alone what they do not know.',
  }),
  usage: UsageSchema,
  cost_micros_usd: microsUsd(),
  queued_at: instant(),
  not_before: nullable(instant()),
  started_at: nullable(instant()),
  ended_at: nullable(instant()),
})
/** The latest run, which every task shows. */
export type RunView = Static<typeof RunSchema>
