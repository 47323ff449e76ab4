import type { Agent } from '../domain/agent.ts'
import type { Amounts, LedgerMove } from '../domain/budget.ts'
import type { Chat } from '../domain/chat.ts'
import type { Content } from '../domain/content.ts'
import type { Delivery, DeliveryState, NewDelivery } from '../domain/delivery.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ApiKey, Team, User } from '../domain/identity.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { Visibility } from '../domain/principal.ts'
import type { RunState } from '../domain/run-state.ts'
import type { Share } from '../domain/share.ts'
import type { SignedHead, SignedStatement } from '../domain/statement.ts'
import type { Run, Task } from '../domain/task.ts'
import type { Endpoint, SealedSecret } from '../domain/webhook.ts'

/** A perfect subtree of the log: over the leaves from `index << level` on, `1 << level` of them. Level 0 are the leaves. */
export interface LogNode {
  readonly level: number
  readonly index: number
  /** 64 hex digits. */
  readonly hash: string
}

/** What must hold for a commit to happen, said in words. The first that does not hold is returned by name. */
export type Requirement =
  | { readonly name: 'currentAttempt'; readonly run: string; readonly attempt: number }
  | { readonly name: 'runIs'; readonly run: string; readonly states: readonly RunState[]; readonly attempt?: number }
  | { readonly name: 'journalAt'; readonly task: string; readonly seq: number }
  | { readonly name: 'latestRun'; readonly task: string; readonly run: string }
  | { readonly name: 'absentTask'; readonly task: string }
  | { readonly name: 'absentIdempotencyKey'; readonly ownerId: string; readonly key: string }
  | { readonly name: 'absentKeyPrefix'; readonly prefix: string }
  | { readonly name: 'absentSetting'; readonly setting: string }
  | { readonly name: 'absentUser'; readonly user: string }
  | { readonly name: 'agentAt'; readonly agent: string; readonly updatedAt: number }
  | { readonly name: 'agentIdle'; readonly agent: string }
  | { readonly name: 'absentChat'; readonly membersKey: string }
  | { readonly name: 'absentShare'; readonly task: string }
  | { readonly name: 'withinBudget'; readonly task: string; readonly amounts: Amounts }
  | { readonly name: 'unclosedRun'; readonly run: string }
  | { readonly name: 'notHeld'; readonly task: string }
  | { readonly name: 'unrevoked'; readonly certificate: string }
  | { readonly name: 'endpointAt'; readonly endpoint: string; readonly updatedAt: number }
  | {
      readonly name: 'deliveryAt'
      readonly delivery: string
      readonly state: DeliveryState
      readonly attempts: number
    }

/** One change. Rows of tasks and runs come from the fold of the same commit's events (domain/evolve.ts), never from elsewhere. */
export type Write =
  | { readonly kind: 'insert_task'; readonly task: Task; readonly run: Run }
  /** A further run of a task; the task's row shows it from now on, and its contents are kept while it has not ended. */
  | { readonly kind: 'insert_run'; readonly run: Run }
  /**
   * All changing columns of a run but `stop_requested_at`; the task's row shows the state when it is the latest run, and that
   * its contents are kept for so long once it has ended. What an ended run used is counted, once.
   */
  | { readonly kind: 'save_run'; readonly run: Run }
  | { readonly kind: 'request_stop'; readonly task: string; readonly run: string; readonly at: number | null }
  | { readonly kind: 'save_manifest'; readonly task: string; readonly manifest: string }
  | {
      readonly kind: 'save_task'
      readonly task: string
      readonly title: string
      readonly visibility: Visibility
      readonly metadata: JsonObject
    }
  /**
   * The task's ledger row; comes from the fold of the events of the same commit (domain/ledger-moves.ts). Moved by the
   * difference, so that two writers can move it. Nothing for a task that the commit inserts: its row has the ledger already.
   */
  | { readonly kind: 'move_ledger'; readonly task: string; readonly move: LedgerMove }
  /** How long its contents are kept, as the fold of the events of the same commit has it. */
  | {
      readonly kind: 'save_keeping'
      readonly task: string
      readonly purgeAt: number | null
      readonly purgedAt: number | null
      readonly hold: string | null
    }
  /**
   * Deletes all contents of a task with their salts, those of the same commit too. Its title says so; its metadata, its
   * manifest and what dialects froze with its runs are gone, and `private` of what a dialect keeps about it (domain/evolve.ts).
   */
  | { readonly kind: 'purge_contents'; readonly task: string }
  /** Appends to the installation's log, in the order of the commit's writes. */
  | { readonly kind: 'add_statements'; readonly statements: readonly SignedStatement[] }
  /** The run's closing statement is in this commit; there is one per run. */
  | { readonly kind: 'close_run'; readonly run: string }
  /** A signed head, and the perfect nodes of the tree that the leaves since the head before it completed. */
  | { readonly kind: 'put_log_head'; readonly head: SignedHead; readonly nodes: readonly LogNode[] }
  /** Leaves that come after it belong to this log. */
  | { readonly kind: 'start_log'; readonly logId: string; readonly at: number }
  /** The newest of its name from now on, also where it had been before. Changes nothing where it is the newest already. */
  | { readonly kind: 'put_policy'; readonly version: PolicyVersion; readonly builtin: boolean; readonly at: number }
  /** Numbers the events after the task's last one, in the order given. */
  | { readonly kind: 'append'; readonly task: string; readonly events: readonly NewEvent[] }
  /** `task` null: contents that belong to no task, such as an agent's instructions. */
  | { readonly kind: 'put_contents'; readonly task: string | null; readonly contents: readonly Content[] }
  | { readonly kind: 'insert_agent'; readonly agent: Agent }
  | { readonly kind: 'save_agent'; readonly agent: Agent }
  | { readonly kind: 'delete_agent'; readonly agent: string }
  | { readonly kind: 'insert_user'; readonly user: User }
  | { readonly kind: 'save_user'; readonly user: User }
  | { readonly kind: 'insert_team'; readonly team: Team }
  | { readonly kind: 'save_team'; readonly team: Team }
  | { readonly kind: 'insert_key'; readonly key: ApiKey }
  | { readonly kind: 'save_key'; readonly key: ApiKey }
  | {
      readonly kind: 'remember_idempotency'
      readonly ownerId: string
      readonly key: string
      readonly requestDigest: string
      readonly taskId: string
      readonly createdAt: number
    }
  /** Forgets idempotency keys that are older than this instant. */
  | { readonly kind: 'forget_idempotency'; readonly before: number }
  | { readonly kind: 'put_setting'; readonly name: string; readonly value: string }
  | { readonly kind: 'insert_chat'; readonly chat: Chat }
  | { readonly kind: 'insert_share'; readonly share: Share }
  /** Other permissions for the link that a task has. */
  | { readonly kind: 'save_share'; readonly share: Share }
  | { readonly kind: 'insert_endpoint'; readonly endpoint: Endpoint }
  /**
   * Its pending deliveries follow: they are held back when it is disabled, and go on at `updatedAt` (not before `holdUntil`)
   * when it is active. Owner, task, team and format of an endpoint never change.
   */
  | { readonly kind: 'save_endpoint'; readonly endpoint: Endpoint }
  /** Nothing is tried at this endpoint before the instant. */
  | { readonly kind: 'hold_endpoint'; readonly endpoint: string; readonly until: number }
  /** With all of its deliveries and its own secret. */
  | { readonly kind: 'delete_endpoint'; readonly endpoint: string }
  /**
   * Promises events that the same commit appends to this task. What is for an endpoint that is disabled or gone is left
   * out. A delivery whose endpoint and task have an older pending one waits behind it.
   */
  | { readonly kind: 'add_deliveries'; readonly task: string; readonly deliveries: readonly NewDelivery[] }
  /**
   * State and tries of a delivery. One that is settled lets the next of its pair go, at `settledAt`; one that becomes pending
   * again waits behind another of its pair that is being tried.
   */
  | { readonly kind: 'save_delivery'; readonly delivery: Delivery }
  /** Forgets deliveries that were settled before this instant, so many at once. */
  | { readonly kind: 'forget_deliveries'; readonly before: number; readonly limit: number }
  /** Keeps a secret for a holder that has none; changes nothing where there is one. */
  | { readonly kind: 'add_webhook_secret'; readonly secret: SealedSecret }
  | { readonly kind: 'save_webhook_secret'; readonly secret: SealedSecret }

/** All of it or nothing, on its own inside whatever group it is written with. */
export interface Commit {
  readonly require?: readonly Requirement[]
  readonly write: readonly Write[]
}

export type CommitOutcome =
  | {
      readonly committed: true
      /** The seq of the last event appended, by task. */
      readonly lastSeq: Readonly<Record<string, number>>
      /** The numbers that the store gave to new tasks and agents, by id. */
      readonly numbers: Readonly<Record<string, number>>
    }
  | { readonly committed: false; readonly refused: Requirement }

export const currentAttempt = (run: string, attempt: number): Requirement => ({ name: 'currentAttempt', run, attempt })
/** The run is in one of these states, and (where given) no attempt came after the one that was read. */
export const runIs = (run: string, states: readonly RunState[], attempt?: number): Requirement =>
  attempt === undefined ? { name: 'runIs', run, states } : { name: 'runIs', run, states, attempt }
/** Nothing was appended to the journal since `seq` was read. */
export const journalAt = (task: string, seq: number): Requirement => ({ name: 'journalAt', task, seq })
export const latestRun = (task: string, run: string): Requirement => ({ name: 'latestRun', task, run })
export const absentTask = (task: string): Requirement => ({ name: 'absentTask', task })
export const absentIdempotencyKey = (ownerId: string, key: string): Requirement => ({
  name: 'absentIdempotencyKey',
  ownerId,
  key,
})
export const absentKeyPrefix = (prefix: string): Requirement => ({ name: 'absentKeyPrefix', prefix })
export const absentSetting = (setting: string): Requirement => ({ name: 'absentSetting', setting })
export const absentUser = (user: string): Requirement => ({ name: 'absentUser', user })
/** The agent was not changed since it was read. */
export const agentAt = (agent: string, updatedAt: number): Requirement => ({ name: 'agentAt', agent, updatedAt })
/** The agent has no run that has not ended. */
export const agentIdle = (agent: string): Requirement => ({ name: 'agentIdle', agent })
/** The task's budget has all of this left. Amounts of zero and below are not looked at. */
export const withinBudget = (task: string, amounts: Amounts): Requirement => ({ name: 'withinBudget', task, amounts })
/** The run has no closing statement yet. */
export const unclosedRun = (run: string): Requirement => ({ name: 'unclosedRun', run })
/** No legal hold is on the task. */
export const notHeld = (task: string): Requirement => ({ name: 'notHeld', task })
/** No revocation of this certificate is in the log: of its action, since an action has one certificate. */
export const unrevoked = (certificate: string): Requirement => ({ name: 'unrevoked', certificate })
/** The endpoint was not changed since it was read. */
export const endpointAt = (endpoint: string, updatedAt: number): Requirement => ({
  name: 'endpointAt',
  endpoint,
  updatedAt,
})
/** The delivery was neither tried nor replayed since it was read. */
export const deliveryAt = ({ id, state, attempts }: Delivery): Requirement => ({
  name: 'deliveryAt',
  delivery: id,
  state,
  attempts,
})
/** No chat has this type and these members (domain/chat.ts makes the key of them). */
export const absentChat = (membersKey: string): Requirement => ({ name: 'absentChat', membersKey })
/** The task has no link yet. */
export const absentShare = (task: string): Requirement => ({ name: 'absentShare', task })

export const append = (task: string, events: readonly NewEvent[]): Write => ({ kind: 'append', task, events })
export const putContents = (task: string | null, contents: readonly Content[]): Write => ({
  kind: 'put_contents',
  task,
  contents,
})
