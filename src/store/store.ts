import type { Agent } from '../domain/agent.ts'
import type { AnswerLink } from '../domain/answer-link.ts'
import type { Chat } from '../domain/chat.ts'
import type { Content, Digest } from '../domain/content.ts'
import type { Delivery, DeliveryState } from '../domain/delivery.ts'
import type { JournalEvent } from '../domain/event.ts'
import type { ApiKey, Team, User } from '../domain/identity.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { Visibility } from '../domain/principal.ts'
import type { Prompt } from '../domain/prompt.ts'
import type { RunState } from '../domain/run-state.ts'
import type { Share } from '../domain/share.ts'
import type { SignedHead, SignedStatement, StatementKind } from '../domain/statement.ts'
import type { Place, Run, Task } from '../domain/task.ts'
import type { EncryptedSecret, Endpoint, SecretHolder } from '../domain/webhook.ts'
import type { Commit, CommitOutcome, LogNode } from './commit.ts'

/**
 * The durable state of an installation. A commit is data and atomic, and an acknowledged commit is on disk. A read sees
 * every commit that was acknowledged before it began. Every implementation passes conformance/store.conformance.ts.
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
  /** The remembered request under this key and its outcome. */
  readIdempotency(ownerId: string, key: string): Promise<RememberedRequest | undefined>
  readSetting(name: string): Promise<string | undefined>
  readChat(id: string): Promise<Chat | undefined>
  readChatByMembers(membersKey: string): Promise<Chat | undefined>
  /** The chats of a user, newest first. */
  listChats(filter: ChatFilter, page: PageRequest): Promise<Chat[]>
  readShare(code: string): Promise<Share | undefined>
  readShareOfTask(taskId: string): Promise<Share | undefined>

  /**
   * The lanes that hold a queued run which may start at `now`. The cost grows with the lanes and not with the queue.
   */
  listLanes(now: number): Promise<Lane[]>
  /** The first `limit` runs of a lane that may start at `now`. The cost does not depend on the length of the queue. */
  readLane(lane: Lane, now: number, limit: number): Promise<QueuedRun[]>
  /** The earliest `notBefore` after `now` among queued runs. */
  nextNotBefore(now: number): Promise<number | undefined>
  /** Ids of queued runs that have been startable for longer than their own queue timeout at `now`. */
  listOverdue(now: number, limit: number): Promise<string[]>
  /** Ids of the runs in this state, oldest first. */
  listRunsInState(state: RunState, limit: number): Promise<string[]>

  readEndpoint(id: string): Promise<Endpoint | undefined>
  /** Subscriptions and teams' endpoints, newest first. Endpoints of single tasks are not listed. */
  listEndpoints(ownerId: string | undefined, page: PageRequest): Promise<Endpoint[]>
  listTaskEndpoints(taskId: string): Promise<Endpoint[]>
  readTeamEndpoint(teamId: string): Promise<Endpoint | undefined>
  readDelivery(id: string): Promise<Delivery | undefined>
  /** Newest first. */
  listDeliveries(endpointId: string, state: DeliveryState | undefined, page: PageRequest): Promise<Delivery[]>
  /**
   * Every server that has a pending delivery, with the instant from which the first may be tried. The cost grows with
   * the servers only.
   */
  listReceivers(): Promise<Receiver[]>
  /**
   * The deliveries that may be sent to one server at `now`, the longest due first. Of each endpoint and task only the
   * oldest is listed.
   */
  listDueDeliveries(target: string, now: number, limit: number): Promise<Delivery[]>
  /** The instant at which the earliest settled delivery that is still kept was settled. */
  oldestSettledDelivery(): Promise<number | undefined>
  readWebhookSecret(holder: SecretHolder): Promise<EncryptedSecret | undefined>

  readPrompt(id: string): Promise<Prompt | undefined>
  /** Newest first. */
  listPrompts(filter: PromptFilter, page: PageRequest): Promise<Prompt[]>
  /** The prompts of a task that are open, oldest first. Their number is bounded by the calls of one step. */
  listOpenPrompts(taskId: string): Promise<Prompt[]>
  /** Open prompts whose time is over at `now`, the longest due first. */
  listDuePrompts(now: number, limit: number): Promise<Prompt[]>
  /** The changes with a higher number than `after`, in the order in which they were committed. */
  listChangedPrompts(filter: ChangeFilter, after: number, limit: number): Promise<PromptChange[]>
  /** The number of the last change of any prompt; 0 where there was none. */
  lastPromptChange(): Promise<number>
  readAnswerLink(tokenHash: string): Promise<AnswerLink | undefined>
  /** The instant at which the oldest link expired or expires. */
  oldestAnswerLink(): Promise<number | undefined>

  /** The statements of a task, or of one run of it, in the order of the log. */
  listStatements(taskId: string, runId?: string): Promise<LoggedStatement[]>
  readStatement(digest: Digest): Promise<LoggedStatement | undefined>
  /** Statements that belong to no task, such as key rotations, oldest first. */
  listUnownedStatements(): Promise<LoggedStatement[]>
  /** The number of statements of a run, by kind. */
  countStatements(runId: string): Promise<Partial<Record<StatementKind, number>>>
  /** Ended runs without a closing statement, oldest end first. */
  listUnclosedRuns(limit: number): Promise<{ taskId: string; runId: string }[]>
  /** The current log and its number of leaves. */
  readLog(): Promise<{ logId: string; size: number } | undefined>
  /** The newest signed head of a log, or undefined where there is none. */
  readLogHead(logId: string): Promise<SignedHead | undefined>
  /** Leaf hashes (64 hex digits) of a log from an index on, in order. */
  listLeaves(logId: string, from: number, limit: number): Promise<string[]>
  /** The hashes of these nodes, undefined for a node that is not stored. Level 0 holds the leaves. */
  readLogNodes(logId: string, nodes: readonly Omit<LogNode, 'hash'>[]): Promise<(string | undefined)[]>

  readPolicy(digest: Digest): Promise<PolicyVersion | undefined>
  /** The newest version of a policy, which new runs are frozen with. */
  readPolicyNamed(name: string): Promise<PolicyVersion | undefined>
  /** The newest version of each policy, by name. */
  listPolicies(): Promise<PolicySummary[]>
  /** All versions of one policy, newest first. */
  listPolicyVersions(name: string): Promise<PolicySummary[]>

  /**
   * Ids of ended tasks without a legal hold whose contents were to be kept until `now` at the latest, longest due
   * first.
   */
  listPurgeable(now: number, limit: number): Promise<string[]>
  nextPurgeAt(now: number): Promise<number | undefined>
  /**
   * The manifests of the workspaces of the tasks numbered above `after`, each once. `next` is where to continue, or
   * undefined at the end. The cost of one call is bounded, so that reading all of them gives other work its turn.
   */
  listManifests(after: number): Promise<{ readonly manifests: readonly Digest[]; readonly next: number | undefined }>
  /** Ids of tasks that were updated since the instant, lowest number first. */
  listTasksSince(since: number, after: number, limit: number): Promise<{ id: string; number: number }[]>
  /** The use of ended runs, summed by the day of their end (UTC, `YYYY-MM-DD`) and by the groups of the filter. */
  sumUsage(filter: UsageFilter): Promise<UsageSum[]>

  health(): StoreHealth
  /** Waits for pending commits, then releases files and threads. Later calls reject. */
  close(): Promise<void>
}

/** The outcome of a request that was made under an idempotency key. */
export interface RememberedRequest {
  readonly requestDigest: string
  /**
   * The task that it created or changed, with the seqs before and at the end of the events that its commit appended.
   */
  readonly task: { readonly id: string; readonly afterSeq: number; readonly lastSeq: number } | undefined
  /** Anything else that it created, as its commit stored it. */
  readonly made: unknown
}

/** A statement with its place in the log. */
export interface LoggedStatement extends SignedStatement {
  readonly logId: string
  readonly leafIndex: number
}

/** A version of a policy, whether it came with the server, and when it was added (epoch milliseconds). */
export interface PolicySummary {
  readonly version: PolicyVersion
  readonly builtin: boolean
  readonly createdAt: number
}

/** The properties that use can be summed by. */
export const usageGroups = ['agent', 'user', 'team', 'day'] as const
/** A property that use can be summed by. */
export type UsageGroup = (typeof usageGroups)[number]

/** The runs whose use is summed. */
export interface UsageFilter {
  /** The owner of the tasks, or undefined for every owner. */
  readonly ownerId?: string | undefined
  /** The first and the last day, both included, as `YYYY-MM-DD` in UTC. */
  readonly from: string
  readonly to: string
  readonly by: readonly UsageGroup[]
}

/** A sum of use. Properties that were not grouped by are null, and so is `team` for tasks of no team. */
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

/** A queued run with the lane that it stands in. */
export interface QueuedRun extends Lane {
  readonly runId: string
  readonly taskId: string
  /**
   * The instant from which it could start: when it was queued, or its `notBefore` where that is later. A lane is in
   * this order.
   */
  readonly queuedAt: number
}

/** A server that deliveries are sent to, and the instant from which the first may be tried. */
export interface Receiver {
  readonly target: string
  readonly nextAt: number
}

/** The tasks to list. Properties that are absent do not narrow the list. */
export interface TaskFilter {
  readonly ownerId?: string | undefined
  /** A team whose members may see further tasks: its tasks that are shown to the team are listed too. */
  readonly teamId?: string | undefined
  readonly states?: readonly RunState[] | undefined
  readonly agentId?: string | undefined
  readonly parentId?: string | undefined
  readonly visibilities?: readonly Visibility[] | undefined
  readonly dialect?: string | undefined
  /** Names and values that the metadata must hold. */
  readonly metadata?: JsonObject | undefined
  readonly createdFrom?: number | undefined
  readonly createdBefore?: number | undefined
}

/** The agents to list. Properties that are absent do not narrow the list. */
export interface AgentFilter {
  readonly ownerId?: string | undefined
  readonly teamId?: string | undefined
  readonly state?: string | undefined
  /** Whether `public` agents of every owner are listed too. */
  readonly withPublic?: boolean | undefined
}

/**
 * The prompts to list: all of one task, or the open ones of an owner or a team; without any of these every open one.
 */
export interface PromptFilter {
  readonly taskId?: string | undefined
  readonly ownerId?: string | undefined
  readonly teamId?: string | undefined
}

/** The changes to list: those of an owner's or a team's prompts; without either all of them. */
export type ChangeFilter = Pick<PromptFilter, 'ownerId' | 'teamId'>

/** The opening or the settlement of a prompt. Its number is higher than that of any change that was committed before it. */
export interface PromptChange {
  readonly change: number
  /** False for the change that settled it. */
  readonly opened: boolean
  /** The prompt as the change left it. */
  readonly prompt: Prompt
}

/** The chats to list. */
export interface ChatFilter {
  /** The user who takes part. */
  readonly userId: string
  /** An agent that takes part too. */
  readonly agentId?: string | undefined
}

/**
 * A page of a list. `before` names the last row of the previous page: by `number` for tasks and agents, else by
 * `createdAt` and id.
 */
export interface PageRequest {
  readonly limit: number
  readonly before?: { readonly number: number } | { readonly createdAt: number; readonly id: string } | undefined
}

/** The condition of a store. */
export interface StoreHealth {
  readonly writable: boolean
  /** The problem in words for the operator, or undefined while there is none. */
  readonly problem: string | undefined
  /** Whether the problem is that the store's files were removed or replaced, so that waiting alone does not help. */
  readonly filesGone: boolean
  readonly waitingCommits: number
}
