import type { Agent } from '../domain/agent.ts'
import type { Chat } from '../domain/chat.ts'
import type { Content, Digest } from '../domain/content.ts'
import type { Delivery, DeliveryState } from '../domain/delivery.ts'
import type { JournalEvent } from '../domain/event.ts'
import type { ApiKey, Team, User } from '../domain/identity.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { Visibility } from '../domain/principal.ts'
import type { RunState } from '../domain/run-state.ts'
import type { Share } from '../domain/share.ts'
import type { SignedHead, SignedStatement, StatementKind } from '../domain/statement.ts'
import type { Place, Run, Task } from '../domain/task.ts'
import type { Endpoint, SealedSecret, SecretHolder } from '../domain/webhook.ts'
import type { Commit, CommitOutcome, LogNode } from './commit.ts'

/**
 * Durable state. A commit is data and atomic; what it acknowledged is on disk. Reads see every commit that was acknowledged
 * before they began. Every implementation passes conformance/store.conformance.ts.
 */
export interface Store {
  /**
   * Resolves once the commit is on disk, or with the requirement that did not hold (then nothing was written). Rejects with
   * a Refusal: `overloaded` when too many commits wait, `storage_unavailable` when the disk refuses (nothing was written).
   */
  commit(commit: Commit): Promise<CommitOutcome>

  readTask(id: string): Promise<Task | undefined>
  readTaskByNumber(number: number): Promise<Task | undefined>
  /** The task with its latest run, read at one instant. */
  readSnapshot(taskId: string): Promise<{ task: Task; run: Run } | undefined>
  readRun(id: string): Promise<Run | undefined>
  /** Oldest first. */
  listRuns(taskId: string): Promise<Run[]>
  /** Newest first. */
  listTasks(filter: TaskFilter, page: PageRequest): Promise<Task[]>
  /** Events with seq above `after`, in order, at most `limit`. */
  readEvents(taskId: string, after: number, limit: number): Promise<JournalEvent[]>
  /** The contents that are still there, by digest. */
  readContents(digests: readonly Digest[]): Promise<Map<Digest, Content>>

  readAgent(id: string): Promise<Agent | undefined>
  readAgentByNumber(number: number): Promise<Agent | undefined>
  listAgents(filter: AgentFilter, page: PageRequest): Promise<Agent[]>
  /** How many tasks an agent has and how many of them have not ended. */
  countTasks(agentId: string): Promise<{ total: number; active: number }>
  readUser(id: string): Promise<User | undefined>
  listUsers(page: PageRequest): Promise<User[]>
  readTeam(id: string): Promise<Team | undefined>
  listTeams(page: PageRequest): Promise<Team[]>
  readKey(id: string): Promise<ApiKey | undefined>
  readKeyByPrefix(prefix: string): Promise<ApiKey | undefined>
  listKeys(userId: string | undefined, page: PageRequest): Promise<ApiKey[]>
  readIdempotency(ownerId: string, key: string): Promise<{ requestDigest: string; taskId: string } | undefined>
  readSetting(name: string): Promise<string | undefined>
  readChat(id: string): Promise<Chat | undefined>
  readChatByMembers(membersKey: string): Promise<Chat | undefined>
  /** The chats of a user, newest first. */
  listChats(filter: ChatFilter, page: PageRequest): Promise<Chat[]>
  readShare(code: string): Promise<Share | undefined>
  readShareOfTask(taskId: string): Promise<Share | undefined>

  /** The lanes that hold at least one queued run which may start at `now`. Its cost grows with the lanes, not with the queue. */
  listLanes(now: number): Promise<Lane[]>
  /** The first `limit` runs of a lane that may start at `now`; costs the same however long the queue is. */
  readLane(lane: Lane, now: number, limit: number): Promise<QueuedRun[]>
  /** The earliest `notBefore` after `now` among queued runs. */
  nextNotBefore(now: number): Promise<number | undefined>
  /** Queued runs that became startable at or before `now` minus their own queue timeout: they have waited too long. */
  listOverdue(now: number, limit: number): Promise<string[]>
  /** Ids of the runs in this state, oldest first. */
  listRunsInState(state: RunState, limit: number): Promise<string[]>

  readEndpoint(id: string): Promise<Endpoint | undefined>
  /** Subscriptions and teams' endpoints, newest first; those of tasks are not listed. */
  listEndpoints(ownerId: string | undefined, page: PageRequest): Promise<Endpoint[]>
  listTaskEndpoints(taskId: string): Promise<Endpoint[]>
  readTeamEndpoint(teamId: string): Promise<Endpoint | undefined>
  readDelivery(id: string): Promise<Delivery | undefined>
  /** Newest first. */
  listDeliveries(endpointId: string, state: DeliveryState | undefined, page: PageRequest): Promise<Delivery[]>
  /** Every server that something is to be sent to, with the instant from which. Its cost grows with the servers only. */
  listReceivers(): Promise<Receiver[]>
  /** What may be sent to one server at `now`, longest due first: of each endpoint and task only the oldest. */
  listDueDeliveries(target: string, now: number, limit: number): Promise<Delivery[]>
  /** When the delivery was settled that was settled first of those that are kept. */
  oldestSettledDelivery(): Promise<number | undefined>
  readWebhookSecret(holder: SecretHolder): Promise<SealedSecret | undefined>

  /** The statements of a task, or of one run of it, in the order of the log. */
  listStatements(taskId: string, runId?: string): Promise<LoggedStatement[]>
  readStatement(digest: Digest): Promise<LoggedStatement | undefined>
  /** Statements of these kinds that belong to no task (key rotations), oldest first. */
  listLooseStatements(): Promise<LoggedStatement[]>
  /** How many statements a run has in each kind. */
  countStatements(runId: string): Promise<Partial<Record<StatementKind, number>>>
  /** Ended runs without a closing statement, oldest end first. */
  listUnclosedRuns(limit: number): Promise<{ taskId: string; runId: string }[]>
  /** The log that grows, and how many leaves it has. */
  readLog(): Promise<{ logId: string; size: number } | undefined>
  /** The newest signed head of a log; undefined where there is none. */
  readLogHead(logId: string): Promise<SignedHead | undefined>
  /** Leaf hashes (64 hex digits) of a log from an index on, in order. */
  listLeaves(logId: string, from: number, limit: number): Promise<string[]>
  /** The hashes of these nodes; level 0 are the leaves. One that is not there is undefined. */
  readLogNodes(logId: string, nodes: readonly Omit<LogNode, 'hash'>[]): Promise<(string | undefined)[]>

  readPolicy(digest: Digest): Promise<PolicyVersion | undefined>
  /** The version that new runs get. */
  readPolicyNamed(name: string): Promise<PolicyVersion | undefined>
  /** The newest version of each policy, by name. */
  listPolicies(): Promise<PolicySummary[]>
  /** All versions of one policy, newest first. */
  listPolicyVersions(name: string): Promise<PolicySummary[]>

  /** Ended tasks without a hold whose contents were to be kept until `now` at most, longest due first. */
  listPurgeable(now: number, limit: number): Promise<string[]>
  nextPurgeAt(now: number): Promise<number | undefined>
  /**
   * The manifests of the workspaces of some tasks, each once; `after` a task's number, 0 to begin with. Goes on after `next`,
   * which is undefined where that was all. Its cost is bounded, so that a reader of all of them lets others have their turn.
   */
  listManifests(after: number): Promise<{ readonly manifests: readonly Digest[]; readonly next: number | undefined }>
  /** Ids of tasks that were updated since, oldest number first. */
  listTasksSince(since: number, after: number, limit: number): Promise<{ id: string; number: number }[]>
  /** What ended runs used, summed up by day (UTC, `YYYY-MM-DD`, of their end) and by what else is asked for. */
  sumUsage(filter: UsageFilter): Promise<UsageSum[]>

  health(): StoreHealth
  /** Waits for what is being committed, then releases files and threads. Later calls reject. */
  close(): Promise<void>
}

/** A statement with its place in the log. */
export interface LoggedStatement extends SignedStatement {
  readonly logId: string
  readonly leafIndex: number
}

export interface PolicySummary {
  readonly version: PolicyVersion
  readonly builtin: boolean
  readonly createdAt: number
}

export const usageGroups = ['agent', 'user', 'team', 'day'] as const
export type UsageGroup = (typeof usageGroups)[number]

export interface UsageFilter {
  /** Only runs of this user's tasks; undefined: everybody's. */
  readonly ownerId?: string
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string
  readonly to: string
  readonly by: readonly UsageGroup[]
}

/** Null in what was not asked for (and in `team` for tasks of no team). */
export interface UsageSum {
  readonly day: string | null
  readonly agentId: string | null
  readonly ownerId: string | null
  readonly teamId: string | null
  readonly runs: number
  readonly costMicrosUsd: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly steps: number
}

/** Runs that differ only in age: same place, priority, owner and agent. */
export interface Lane {
  readonly place: Place
  readonly priority: number
  readonly ownerId: string
  readonly agentId: string
}

export interface QueuedRun extends Lane {
  readonly runId: string
  readonly taskId: string
  /** Since when it could start: when it entered the queue, or its `notBefore` where that is later. A lane is in this order. */
  readonly queuedAt: number
}

/** A server that deliveries go to, and when the first of them may be tried. */
export interface Receiver {
  readonly target: string
  readonly nextAt: number
}

export interface TaskFilter {
  readonly ownerId?: string
  /** Also those of this team that are shown to it. */
  readonly teamId?: string
  readonly states?: readonly RunState[]
  readonly agentId?: string
  readonly parentId?: string
  readonly visibilities?: readonly Visibility[]
  readonly dialect?: string
  /** Every given name must be in the metadata with this value. */
  readonly metadata?: JsonObject
  readonly createdFrom?: number
  readonly createdBefore?: number
}

export interface AgentFilter {
  readonly ownerId?: string
  readonly teamId?: string
  readonly state?: string
  /** Whether `public` agents of anyone are listed too. */
  readonly withPublic?: boolean
}

export interface ChatFilter {
  /** Who takes part. */
  readonly userId: string
  /** An agent who takes part too. */
  readonly agentId?: string
}

/** `before` is the `number` (tasks, agents) or `createdAt` and id of the last row of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly before?: { readonly number: number } | { readonly createdAt: number; readonly id: string }
}

export interface StoreHealth {
  readonly writable: boolean
  /** What is wrong, in words for the operator; undefined while all is well. */
  readonly problem: string | undefined
  readonly waitingCommits: number
}
