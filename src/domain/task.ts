import type { Ledger } from './budget.ts'
import type { Capability, DeniedCapability } from './capability.ts'
import type { Digest } from './content.ts'
import type { ActingPrincipal } from './decision.ts'
import type { JsonObject } from './json.ts'
import type { PolicyRef } from './policy.ts'
import type { Dialect, Visibility } from './principal.ts'
import type { RunState } from './run-state.ts'
import type { TaskWebhook } from './task-webhook.ts'
import type { Usage } from './usage.ts'

/** Where a run is carried out: `cloud:<pool>` or `machine:<id>`. */
export type Place = `cloud:${string}` | `machine:${string}`
export const defaultPlace: Place = 'cloud:default'

/** Who had a task made: a user, and the key they used; no key for a JSON web token and the administrator's own key. */
export interface Submitter {
  readonly userId: string
  readonly keyId: string | null
}

/** A thread of work with one owner and one journal. Its state is its latest run's. */
export interface Task {
  readonly id: string
  /** Unique per server, assigned by the store; 0 before. */
  readonly number: number
  readonly ownerId: string
  readonly teamId: string | null
  /** Who asked for it. Another than the owner where a dialect gives a task to the user of its agent. */
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
   * What a dialect keeps about the task and shows again: never interpreted by the core, but that `private` in it goes with the
   * contents.
   */
  readonly extension: JsonObject
  /** Its own endpoint, where it was submitted with a `webhook_url`. */
  readonly webhook: TaskWebhook | null
  /** The latest run. */
  readonly runId: string
  readonly state: RunState
  /** The seq of the newest event; assigned by the store. */
  readonly lastSeq: number
  readonly ledger: Ledger
  /** Contents are kept until then, and longer while it is held; null while it has not ended, and once they are gone. */
  readonly purgeAt: number | null
  readonly purgedAt: number | null
  /** Why its contents must be kept whatever happens; null for no legal hold. */
  readonly hold: string | null
  /** The digest (in the blob store) of the manifest of the workspace's files; null while nothing was written. */
  readonly manifest: Digest | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Which model a run uses, resolved when the run was queued. */
export interface ModelChoice {
  readonly provider: string
  /** The provider's own name of the model. */
  readonly model: string
  /** The catalogue's name; null when provider and model were given verbatim. */
  readonly name: string | null
  /** Options the catalogue adds for the provider (reasoning effort and the like). */
  readonly options: JsonObject
}

/** Files whose path fits the glob (`*` within a folder, `**` across folders) carry the labels. */
export interface PathLabels {
  readonly path: string
  readonly labels: readonly string[]
}

/** What a run was given, frozen when it was queued. */
export interface RunConfig {
  readonly model: ModelChoice
  readonly instructions: Digest | null
  readonly tools: readonly string[]
  /** What it may do in the end: its effective set. */
  readonly capabilities: readonly Capability[]
  /** What was asked for and not given. */
  readonly denied: readonly DeniedCapability[]
  readonly policy: PolicyRef
  /** For how long after its end contents are kept, by the policy. */
  readonly retentionDays: number
  /** Who had it queued. */
  readonly principal: ActingPrincipal
  /** Which labels reading a file brings, by the agent's rules. */
  readonly pathLabels: readonly PathLabels[]
  readonly stepsMax: number
  /** From the first claim to the end, pauses excluded. */
  readonly timeoutMs: number
  /** One model call, all its retries included. */
  readonly stepTimeoutMs: number
  /** How long the run may stand in the queue after it could have started. */
  readonly queueTimeoutMs: number
  /** What a call of a tool takes from the budget, where it is not what the tool itself says: a dialect's tariff. */
  readonly toolCostsMicrosUsd?: Readonly<Record<string, number>> | undefined
  /** The model is called with a key that came with the task and is kept in memory only. */
  readonly ownKey?: true | undefined
  /** What is held back and why: told to the model after the agent's instructions, and to whoever reads the run. */
  readonly notice?: string | undefined
  /** What a dialect froze with the run: never interpreted by the core. Nothing, once the contents are gone. */
  readonly extension: JsonObject
}

/** Beside what a dialect freezes with a run: the fields of its request that had no effect. */
export const ignoredFieldsName = 'ignored_fields'

/** The fields of the request that started a run which had no effect. */
export function ignoredFieldsOf({ config }: Pick<Run, 'config'>): readonly string[] {
  const kept = config.extension[ignoredFieldsName]
  return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : []
}

/** A run's configuration as the journal has it: what a dialect froze comes from the user, and is a content beside it. */
export type RecordedConfig = Omit<RunConfig, 'extension'>

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
  /** 1 for the first run of a task. */
  readonly turn: number
  readonly place: Place
  readonly state: RunState
  /** 0 until first claimed; every claim adds one. Writes of an older attempt change nothing. */
  readonly attempt: number
  /** Attempts whose process died or broke; handed-back ones do not count. */
  readonly lostAttempts: number
  /** 1 to 10, 10 most urgent. */
  readonly priority: number
  /** When it (last) entered the queue; with the priority it makes the order. */
  readonly queuedAt: number
  /** Not started before this instant. */
  readonly notBefore: number | null
  /** Since when a stop is pending that the attempt has not come to yet; null for none. */
  readonly stopRequestedAt: number | null
  readonly config: RunConfig
  /** The content of the message that started it. */
  readonly input: Digest
  readonly result: Digest | null
  readonly error: RunError | null
  readonly steps: number
  readonly usage: Usage
  readonly costMicrosUsd: number
  /** Milliseconds spent running in attempts that have ended or paused: what counts against `timeoutMs`. */
  readonly activeMs: number
  readonly claimedAt: number | null
  readonly startedAt: number | null
  readonly endedAt: number | null
}
