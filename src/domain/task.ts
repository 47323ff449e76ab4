import type { Ledger } from './budget.ts'
import type { Capability, DeniedCapability } from './capability.ts'
import type { Digest } from './content.ts'
import type { ActingPrincipal } from './decision.ts'
import type { JsonObject } from './json.ts'
import type { PolicyRef } from './policy.ts'
import type { Dialect, Visibility } from './principal.ts'
import type { RunState } from './run-state.ts'
import type { Usage } from './usage.ts'

/** The place where a run executes: `cloud:<pool>` or `machine:<id>`. */
export type Place = `cloud:${string}` | `machine:${string}`
/** The place of a run that names none. */
export const defaultPlace: Place = 'cloud:default'

/**
 * The user and the key that submitted a task. The key is null for a JSON web token and for the administrator's own key.
 */
export interface Submitter {
  readonly userId: string
  readonly keyId: string | null
}

/** A thread of work with one owner and one journal. Its state is that of its latest run. */
export interface Task {
  readonly id: string
  /** The number of the task, which is unique on the server. The store assigns it; it is 0 before. */
  readonly number: number
  readonly ownerId: string
  readonly teamId: string | null
  /** The submitter, who is not the owner where a dialect gives a task to the user of its agent. */
  readonly submitter: Submitter
  readonly visibility: Visibility
  readonly agentId: string
  /** The dialect through which it was submitted. */
  readonly dialect: Dialect
  readonly title: string
  readonly parentId: string | null
  readonly rootId: string
  readonly metadata: JsonObject
  /**
   * The dialect's data about the task. The core never interprets it, except that its `private` member is purged with
   * the contents.
   */
  readonly extension: JsonObject
  /** The task's own endpoint, where it was submitted with a `webhook_url`. */
  readonly webhook: TaskWebhook | null
  /** The latest run. */
  readonly runId: string
  readonly state: RunState
  /** The seq of the newest event; assigned by the store. */
  readonly lastSeq: number
  readonly ledger: Ledger
  /**
   * The instant until which contents are kept, or longer while there is a legal hold. Null while the task has not
   * ended, and once they are purged.
   */
  readonly purgeAt: number | null
  readonly purgedAt: number | null
  /** The reason of a legal hold, or null where there is none. */
  readonly hold: string | null
  /** The digest of the workspace's manifest in the blob store, or null while no file was written. */
  readonly manifest: Digest | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** The model of a run, resolved when the run was queued. */
export interface ModelChoice {
  readonly provider: string
  /** The provider's own name of the model. */
  readonly model: string
  /** The catalogue's name, or null where provider and model were given verbatim. */
  readonly name: string | null
  /** Options the catalogue adds for the provider (reasoning effort and the like). */
  readonly options: JsonObject
}

/** Labels for the files whose path matches the glob (`*` within a folder, `**` across folders). */
export interface PathLabels {
  readonly path: string
  readonly labels: readonly string[]
}

/** The configuration of a run, frozen when it was queued. */
export interface RunConfig {
  readonly model: ModelChoice
  readonly instructions: Digest | null
  readonly tools: readonly string[]
  /** The effective capabilities. */
  readonly capabilities: readonly Capability[]
  /** The requested capabilities that were denied. */
  readonly denied: readonly DeniedCapability[]
  readonly policy: PolicyRef
  /** The days for which contents are kept after its end, by the policy. */
  readonly retentionDays: number
  /** The user who had it queued. */
  readonly principal: ActingPrincipal
  /** The labels that the run takes on by reading files, by the agent's rules. */
  readonly pathLabels: readonly PathLabels[]
  readonly stepsMax: number
  /** The time from the first claim to the end, without pauses. */
  readonly timeoutMs: number
  /** The time for one model call with all its retries. */
  readonly stepTimeoutMs: number
  /** The time for which the run may be queued after it could have started. */
  readonly queueTimeoutMs: number
  /** The prices of tool calls, where a dialect's tariff replaces what the tool itself says. */
  readonly toolCostsMicrosUsd?: Readonly<Record<string, number>> | undefined
  /** Whether the model is called with a key that came with the task and is kept in memory only. */
  readonly ownKey?: true | undefined
  /** Whether whoever asked for it may not decide about it, by its policy. */
  readonly fourEyes?: true | undefined
  /**
   * A notice about what is withheld and why. The model is given it after the agent's instructions, and so is every
   * reader of the run.
   */
  readonly notice?: string | undefined
  /** The data that a dialect froze with the run. The core never interprets it, and a purge removes it. */
  readonly extension: JsonObject
}

/** The name, within the data that a dialect freezes with a run, of the fields of its request that had no effect. */
export const ignoredFieldsName = 'ignored_fields'

/** The fields that had no effect in the request that started a run. */
export function ignoredFieldsOf({ config }: Pick<Run, 'config'>): readonly string[] {
  const kept = config.extension[ignoredFieldsName]
  return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : []
}

/**
 * A run's configuration as the journal records it. The data that a dialect froze comes from the user and is a content
 * beside it.
 */
export type RecordedConfig = Omit<RunConfig, 'extension'>

/** The error that a run ended with. */
export interface RunError {
  readonly code: string
  readonly message: string
}

/** One turn of work on a task. */
export interface Run {
  readonly id: string
  readonly taskId: string
  readonly ownerId: string
  readonly agentId: string
  /** The number of the run within its task, from 1. */
  readonly turn: number
  readonly place: Place
  readonly state: RunState
  /**
   * The number of the current attempt, 0 before the first claim. Each claim adds one, and writes of an older attempt
   * change nothing.
   */
  readonly attempt: number
  /** The attempts whose process died or broke. Those that were handed back do not count. */
  readonly lostAttempts: number
  /** The priority from 1 to 10, of which 10 is the most urgent. */
  readonly priority: number
  /** The instant at which it last entered the queue. The order follows from it and the priority. */
  readonly queuedAt: number
  /** The instant before which it does not start, or null. */
  readonly notBefore: number | null
  /** The instant of a pending stop that the attempt has not reached yet, or null. */
  readonly stopRequestedAt: number | null
  readonly config: RunConfig
  /** The content of the message that started it. */
  readonly input: Digest
  readonly result: Digest | null
  readonly error: RunError | null
  readonly steps: number
  readonly usage: Usage
  readonly costMicrosUsd: number
  /** The milliseconds spent running in attempts that have ended or paused, which count against `timeoutMs`. */
  readonly activeMs: number
  readonly claimedAt: number | null
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** The task's copy of its own endpoint, so that events of tasks without one cost nothing. */
export interface TaskWebhook {
  readonly endpoint: string
  readonly events: readonly string[]
}
