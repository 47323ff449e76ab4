import type { Agent } from '../domain/agent.ts'
import type { AnswerLink } from '../domain/answer-link.ts'
import type { Amounts, LedgerMove } from '../domain/budget.ts'
import type { Chat } from '../domain/chat.ts'
import type { Content, Digest } from '../domain/content.ts'
import type { Delivery, DeliveryState, NewDelivery } from '../domain/delivery.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ApiKey, Team, User } from '../domain/identity.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { Visibility } from '../domain/principal.ts'
import type { AnswerOutcome, Prompt, PromptState, Responder } from '../domain/prompt.ts'
import type { RunState } from '../domain/run-state.ts'
import type { Share } from '../domain/share.ts'
import type { SignedHead, SignedStatement } from '../domain/statement.ts'
import type { Run, Task } from '../domain/task.ts'
import type { EncryptedSecret, Endpoint } from '../domain/webhook.ts'

/** A perfect subtree of the log: over the leaves from `index << level` on, `1 << level` of them. Level 0 are the leaves. */
export interface LogNode {
  readonly level: number
  readonly index: number
  /** 64 hex digits. */
  readonly hash: string
}

/** A request that a client may repeat: the key that it sent, under whose it is, and what else it said. */
export interface IdempotentRequest {
  readonly ownerId: string
  readonly key: string
  /** The digest over everything that must be equal for a request to be a repetition. */
  readonly requestDigest: string
  readonly createdAt: number
}

/** The outcome of a request, as far as its response can be made again from it. */
export interface RequestOutcome {
  /**
   * The task that it created or changed, with the number of events that its commit appends there: the response follows
   * from the journal. A request that changed nothing names the last event that it read.
   */
  readonly task?: { readonly id: string; readonly events: number; readonly lastSeq?: number | undefined } | undefined
  /** Anything else that it created, stored as JSON. Invariant: it holds no secret that is not encrypted. */
  readonly made?: object | undefined
}

/**
 * A condition that a commit depends on, by name. The store checks the conditions in their order before it writes
 * anything, and answers with the first one that does not hold.
 */
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
  | { readonly name: 'openPrompt'; readonly prompt: string }
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

/**
 * One change. The rows of tasks and runs follow from the fold of the same commit's events (domain/evolve.ts) and from
 * nothing else.
 */
export type Write =
  | { readonly kind: 'insert_task'; readonly task: Task; readonly run: Run }
  /**
   * Adds a further run to a task. The task's row shows this run from now on, and the contents are kept at least until
   * it has ended.
   */
  | { readonly kind: 'insert_run'; readonly run: Run }
  /**
   * Writes every column of a run that can change, except `stop_requested_at`. Where it is the latest run, the task's
   * row shows its state, and, once it has ended, until when the contents are kept. The use of an ended run is counted
   * once.
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
   * Moves the task's ledger as the fold of the same commit's events has it (domain/ledger-moves.ts). It is applied as a
   * difference, so that two writers can move one ledger at a time. It has no effect on a task that the same commit
   * inserts, whose row already holds the ledger.
   */
  | { readonly kind: 'move_ledger'; readonly task: string; readonly move: LedgerMove }
  /** Sets how long the contents are kept, as the fold of the same commit's events has it. */
  | {
      readonly kind: 'save_keeping'
      readonly task: string
      readonly purgeAt: number | null
      readonly purgedAt: number | null
      readonly hold: string | null
    }
  /**
   * Deletes all contents of a task with their salts, including those of the same commit. The title is replaced by a
   * notice. Metadata, manifest and the data that dialects froze with the runs are removed, and so is `private` in the
   * dialect's extension of the task (domain/evolve.ts).
   */
  | { readonly kind: 'purge_contents'; readonly task: string }
  /** Appends to the installation's log, in the order of the commit's writes. */
  | { readonly kind: 'add_statements'; readonly statements: readonly SignedStatement[] }
  | { readonly kind: 'insert_prompt'; readonly prompt: Prompt }
  /** Settles a prompt as the fold of the same commit's events has it. The commit requires `openPrompt`. */
  | {
      readonly kind: 'settle_prompt'
      readonly prompt: string
      readonly state: Exclude<PromptState, 'open'>
      readonly settledAt: number
      readonly outcome: AnswerOutcome | null
      readonly answeredBy: Responder | null
      readonly answer: Digest | null
    }
  | { readonly kind: 'add_answer_link'; readonly link: AnswerLink }
  /** Records that the link was used, in the commit of the answer. */
  | { readonly kind: 'use_answer_link'; readonly tokenHash: string; readonly at: number }
  /** Deletes at most `limit` links that expired before the instant. */
  | { readonly kind: 'forget_answer_links'; readonly before: number; readonly limit: number }
  /** Records that this commit holds the run's closing statement. A run has exactly one. */
  | { readonly kind: 'close_run'; readonly run: string }
  /** Adds a signed head of the log, with the perfect nodes that the leaves since the previous head completed. */
  | { readonly kind: 'put_log_head'; readonly head: SignedHead; readonly nodes: readonly LogNode[] }
  /** Starts a log: every statement that is added later is a leaf of it. */
  | { readonly kind: 'start_log'; readonly logId: string; readonly at: number }
  /**
   * Makes this version the newest one of its policy, also where it has been the newest before. It changes nothing where
   * it already is.
   */
  | { readonly kind: 'put_policy'; readonly version: PolicyVersion; readonly builtin: boolean; readonly at: number }
  /** Appends events to the journal. The store numbers them after the task's last event, in the order given. */
  | { readonly kind: 'append'; readonly task: string; readonly events: readonly NewEvent[] }
  /** Stores contents. A null `task` means that they belong to no task, as an agent's instructions do. */
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
      readonly request: IdempotentRequest
      readonly outcome: RequestOutcome
    }
  /** Forgets idempotency keys that are older than this instant. */
  | { readonly kind: 'forget_idempotency'; readonly before: number }
  | { readonly kind: 'put_setting'; readonly name: string; readonly value: string }
  | { readonly kind: 'insert_chat'; readonly chat: Chat }
  | { readonly kind: 'insert_share'; readonly share: Share }
  /** Changes the permissions of the link that a task has. */
  | { readonly kind: 'save_share'; readonly share: Share }
  | { readonly kind: 'insert_endpoint'; readonly endpoint: Endpoint }
  /**
   * Changes an endpoint, and its pending deliveries with it: they are held back while it is disabled, and continue at
   * `updatedAt`, but not before `holdUntil`, when it is active. Owner, task, team and format of an endpoint never
   * change.
   */
  | { readonly kind: 'save_endpoint'; readonly endpoint: Endpoint }
  /** Holds back every delivery to this endpoint until the instant. */
  | { readonly kind: 'hold_endpoint'; readonly endpoint: string; readonly until: number }
  /** Deletes the endpoint with all of its deliveries and its own secret. */
  | { readonly kind: 'delete_endpoint'; readonly endpoint: string }
  /**
   * Promises deliveries of events that the same commit appends to this task. A delivery to an endpoint that is disabled
   * or deleted is left out. A delivery waits while its endpoint and task have an older pending one.
   */
  | { readonly kind: 'add_deliveries'; readonly task: string; readonly deliveries: readonly NewDelivery[] }
  /**
   * Saves the state and the number of tries of a delivery. A settled delivery releases the next one of its endpoint and
   * task at `settledAt`. One that becomes pending again waits while another one of the same pair is being tried.
   */
  | { readonly kind: 'save_delivery'; readonly delivery: Delivery }
  /** Deletes at most `limit` deliveries that were settled before the instant. */
  | { readonly kind: 'forget_deliveries'; readonly before: number; readonly limit: number }
  /** Stores a secret for a holder that has none. It changes nothing where the holder has one. */
  | { readonly kind: 'add_webhook_secret'; readonly secret: EncryptedSecret }
  | { readonly kind: 'save_webhook_secret'; readonly secret: EncryptedSecret }

/**
 * A set of conditions and changes. It is applied completely or not at all, independently of the other commits in the
 * group that it is written with.
 */
export interface Commit {
  readonly require?: readonly Requirement[]
  readonly write: readonly Write[]
}

/** The result of a commit: what the store assigned, or the first requirement that did not hold. */
export type CommitOutcome =
  | {
      readonly committed: true
      /** The seq of the last event that the commit appended, by task id. */
      readonly lastSeq: Readonly<Record<string, number>>
      /** The numbers that the store gave to new tasks and agents, by id. */
      readonly numbers: Readonly<Record<string, number>>
    }
  | { readonly committed: false; readonly refused: Requirement }

/**
 * Requires that the run is running and that this is its current attempt. Every write of an attempt carries it, so that
 * a superseded attempt changes nothing.
 */
export const currentAttempt = (run: string, attempt: number): Requirement => ({ name: 'currentAttempt', run, attempt })
/**
 * Requires that the run is in one of these states and, where `attempt` is given, that no later attempt has begun since
 * it was read.
 */
export const runIs = (run: string, states: readonly RunState[], attempt?: number): Requirement =>
  attempt === undefined ? { name: 'runIs', run, states } : { name: 'runIs', run, states, attempt }
/** Requires that nothing was appended to the journal after `seq`. */
export const journalAt = (task: string, seq: number): Requirement => ({ name: 'journalAt', task, seq })
/** Requires that no further run of the task was added. */
export const latestRun = (task: string, run: string): Requirement => ({ name: 'latestRun', task, run })
/** Requires that there is no task with this id. */
export const absentTask = (task: string): Requirement => ({ name: 'absentTask', task })
/** Requires that the owner has not used this idempotency key. */
export const absentIdempotencyKey = (ownerId: string, key: string): Requirement => ({
  name: 'absentIdempotencyKey',
  ownerId,
  key,
})
/** Requires that no API key begins with this prefix. */
export const absentKeyPrefix = (prefix: string): Requirement => ({ name: 'absentKeyPrefix', prefix })
/** Requires that the setting has no value. */
export const absentSetting = (setting: string): Requirement => ({ name: 'absentSetting', setting })
/** Requires that there is no user with this id. */
export const absentUser = (user: string): Requirement => ({ name: 'absentUser', user })
/** Requires that the agent was not changed since it was read. */
export const agentAt = (agent: string, updatedAt: number): Requirement => ({ name: 'agentAt', agent, updatedAt })
/** Requires that every run of the agent has ended. */
export const agentIdle = (agent: string): Requirement => ({ name: 'agentIdle', agent })
/** Requires that the task's budget has all of these amounts left. Amounts of zero and below are ignored. */
export const withinBudget = (task: string, amounts: Amounts): Requirement => ({ name: 'withinBudget', task, amounts })
/** Requires that nobody has settled the prompt. */
export const openPrompt = (prompt: string): Requirement => ({ name: 'openPrompt', prompt })
/** Requires that the run has no closing statement. */
export const unclosedRun = (run: string): Requirement => ({ name: 'unclosedRun', run })
/** Requires that the task is under no legal hold. */
export const notHeld = (task: string): Requirement => ({ name: 'notHeld', task })
/**
 * Requires that the log holds no revocation of this certificate. The revocation names the action too, and an action has
 * one certificate.
 */
export const unrevoked = (certificate: string): Requirement => ({ name: 'unrevoked', certificate })
/** Requires that the endpoint was not changed since it was read. */
export const endpointAt = (endpoint: string, updatedAt: number): Requirement => ({
  name: 'endpointAt',
  endpoint,
  updatedAt,
})
/** Requires that the delivery was neither tried nor replayed since it was read. */
export const deliveryAt = ({ id, state, attempts }: Delivery): Requirement => ({
  name: 'deliveryAt',
  delivery: id,
  state,
  attempts,
})
/** Requires that no chat has this type and these members. `domain/chat.ts` makes the key of them. */
export const absentChat = (membersKey: string): Requirement => ({ name: 'absentChat', membersKey })
/** Requires that the task has no share link. */
export const absentShare = (task: string): Requirement => ({ name: 'absentShare', task })

/** Appends events to a journal, numbered after its last event. */
export const append = (task: string, events: readonly NewEvent[]): Write => ({ kind: 'append', task, events })
/** Stores contents under a task, or under none. */
export const putContents = (task: string | null, contents: readonly Content[]): Write => ({
  kind: 'put_contents',
  task,
  contents,
})
