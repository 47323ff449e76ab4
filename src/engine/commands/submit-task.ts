import { type Agent, acceptsTasks, takesNoTasks } from '../../domain/agent.ts'
import type { Amounts } from '../../domain/budget.ts'
import { covers } from '../../domain/capability.ts'
import { type Content, titleOf } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import { startTask, type TaskSnapshot } from '../../domain/evolve.ts'
import type { JsonObject } from '../../domain/json.ts'
import { type Dialect, may, mayRead, type Principal, type Visibility } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { runStates } from '../../domain/run-state.ts'
import { defaultPlace, type Place, type Run, type RunConfig } from '../../domain/task.ts'
import { detailsText, type TaskDetails } from '../../domain/task-details.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordNewTask } from '../../journal/record-events.ts'
import { contentOf } from '../../proof/content-of.ts'
import type { PreparedRun } from '../../runner/attempt.ts'
import { type JournalToFold, prepareRun } from '../../runner/prepare-run.ts'
import { absentIdempotencyKey, absentTask, type Requirement, runIs, type Write } from '../../store/commit.ts'
import { checkPlace } from '../check-place.ts'
import type { ParentTask } from '../parent-task.ts'
import { retryChanged } from '../retry-changed.ts'
import type { Slot } from '../run-dispatcher.ts'
import type { ServerDeps } from '../server-deps.ts'
import { startClaim } from '../services/claim-run.ts'
import { openTaskEndpoint, type TaskEndpoint, type TaskWebhookWish } from '../webhooks/task-endpoint.ts'
import { addInputFiles, type InputFile } from './add-input-files.ts'
import { freezeRunConfig, type RunOptions, underPolicy } from './freeze-run-config.ts'
import { type OpenedBudget, openBudget } from './open-budget.ts'

/** What every dialect's create request comes to. Ranges were checked at the edge; what only the server knows is checked here. */
export interface SubmitTask extends RunOptions {
  /** Text, or sealed bytes that the server cannot read. */
  readonly input: { readonly text: string } | { readonly sealed: Uint8Array; readonly mediaType: string }
  /** Null: the default agent. Undefined: an agent was named by what is no id, so that there is none. */
  readonly agentId: string | null | undefined
  readonly dialect: Dialect
  /** Whose the task is: the caller's, unless a dialect gives it to the user of the agent. The caller is on record either way. */
  readonly ownedBy?: 'caller' | 'agent_user' | undefined
  /** The id a client chose, where its dialect allows that; it must be free. */
  readonly taskId?: string
  readonly title?: string
  readonly visibility?: Visibility
  /** The task it is a part of. */
  readonly parent?: ParentTask
  /** What the task may use up; what is left out has its default. Of a sub-task's parent it is taken. */
  readonly budget?: Partial<Amounts>
  readonly metadata?: JsonObject
  readonly extension?: JsonObject
  readonly priority?: number
  readonly notBefore?: number | null
  readonly place?: Place
  readonly files?: readonly InputFile[]
  /** Where the task's own events are delivered to. */
  readonly webhook?: TaskWebhookWish
  /** Stored with the task, so that the same key finds the same task again. */
  readonly idempotency?: { readonly key: string; readonly requestDigest: string }
}

export const defaultPriority = 5

/**
 * Accepts a task: when this resolves, task, first run, message and place in the queue are on disk, in one commit. Where a
 * slot is free and nobody waits, the same commit claims the run, and it starts at once.
 * Refuses `invalid_input` (a webhook's URL), `role_forbidden`, `agent_not_found`, `agent_unavailable`, `pool_not_found`, `machine_not_found`, `model_*`,
 * `tool_unknown`, `policy_not_found`, `capability_denied`, `budget_exhausted` (of the parent), `idempotency_*`, `task_busy` (the chosen id is taken), `run_settled` (the parent was cancelled), `overloaded`,
 * `storage_unavailable`.
 */
export async function submitTask(deps: ServerDeps, principal: Principal, request: SubmitTask): Promise<TaskSnapshot> {
  if (!may(principal, 'submit')) {
    throw new Refusal('role_forbidden', `The role ${principal.role} may not submit tasks. Allowed: admin, operator.`)
  }
  if (request.place !== undefined) checkPlace(request.place)
  const agent = await readAgentFor(deps, principal, request.agentId)
  if (!acceptsTasks(agent)) {
    throw new Refusal('agent_unavailable', takesNoTasks(agent))
  }
  deps.dispatcher.learnAgent(agent)
  const config = await freezeRunConfig(deps, principal, agent, withinParent(request))
  const inherited = request.parent?.manifest ?? null
  const manifest = request.files?.length
    ? await addInputFiles(deps, inherited, request.files)
    : (inherited ?? undefined)
  const owner = await ownerOf(deps, principal, agent, request.ownedBy)
  const own =
    request.webhook === undefined ? undefined : await openTaskEndpoint(deps, principal, agent.id, request.webhook)
  // Of several sub-tasks that are submitted together each takes its slice of what those before it have left.
  return retryChanged(async () => {
    const budget = await openBudget(deps, request)
    const written = writeJournal(deps, principal, agent, config, request, { owner, manifest, own, budget })
    return commitSubmit(deps, request, principal, written)
  })
}

/** A sub-task is under its parent's policy, and may never do more than its parent. */
function withinParent(request: SubmitTask): RunOptions {
  if (request.parent === undefined) return request
  const { capabilities, policy, pathLabels } = request.parent
  const inherited = { parentCapabilities: capabilities, pathLabelsBefore: pathLabels }
  return { ...request, ...inherited, policy: underPolicy(policy, request.policy) }
}

/**
 * The agent that was asked for, if this caller may use it. Null asks for the default agent. Absent, not theirs, and
 * `undefined` (what was given is no id): the same refusal.
 */
export async function readAgentFor(
  deps: ServerDeps,
  principal: Principal,
  agentId: string | null | undefined,
): Promise<Agent> {
  const wanted = agentId ?? principal.agentId ?? (await deps.store.readSetting('default_agent'))
  const id = agentId === undefined ? undefined : wanted
  const agent = id === undefined ? undefined : await deps.store.readAgent(id)
  const bound = principal.agentId === null || principal.agentId === id
  if (agent === undefined || !bound || !mayRead(principal, agent)) {
    throw new Refusal('agent_not_found', 'There is no such agent.')
  }
  return agent
}

const notCancelled = runStates.filter((state) => state !== 'cancelled')

interface Written {
  readonly taskId: string
  readonly details: TaskDetails
  readonly config: RunConfig
  readonly events: NewEvent[]
  readonly contents: Content[]
  readonly own: TaskEndpoint | undefined
  readonly budget: OpenedBudget
}

type Owner = Pick<Principal, 'userId' | 'teamId'>

interface OwnerAndFiles {
  readonly owner: Owner
  /** The manifest of the files that it begins with; undefined for none. */
  readonly manifest: string | undefined
}

async function ownerOf(
  { store }: ServerDeps,
  principal: Principal,
  agent: Agent,
  ownedBy: SubmitTask['ownedBy'],
): Promise<Owner> {
  if (ownedBy !== 'agent_user' || agent.ownerId === principal.userId) return principal
  const user = await store.readUser(agent.ownerId)
  return { userId: agent.ownerId, teamId: user === undefined ? agent.teamId : user.teamId }
}

function writeJournal(
  deps: ServerDeps,
  principal: Principal,
  agent: Agent,
  config: RunConfig,
  request: SubmitTask,
  { owner, manifest, own, budget }: Pick<Written, 'own' | 'budget'> & OwnerAndFiles,
): Written {
  const at = deps.clock.now()
  const taskId = request.taskId ?? deps.randomness.newId()
  const run = deps.randomness.newId()
  const message = messageContent(deps, request.input)
  const { metadata = {}, extension = {} } = request
  const details: TaskDetails = { title: request.title ?? titleOf(message), metadata, extension }
  const kept = contentOf(deps.randomness.newSalt(), detailsText(details), 'application/json')
  const queued = queuedEvent(deps, { run, at, turn: 1, config, input: message.digest, request })
  const envelope = { run: null, attempt: null, at, contents: {} }
  const events: NewEvent[] = [
    {
      ...envelope,
      kind: 'task.submitted',
      contents: { details: kept.digest },
      facts: {
        owner: owner.userId,
        team: owner.teamId,
        submitted_by: { user: principal.userId, key: principal.keyId },
        agent: agent.id,
        dialect: request.dialect,
        visibility: request.visibility ?? 'private',
        parent: request.parent?.id ?? null,
        root: request.parent?.rootId ?? taskId,
        budget: budget.amounts,
        labels: budget.labels,
        ...(own !== undefined && { webhook: { endpoint: own.endpoint.id, events: own.endpoint.events } }),
      },
    },
    {
      ...envelope,
      kind: 'message.added',
      run,
      contents: { message: message.digest },
      facts: { role: 'user', ...(manifest !== undefined && { manifest }) },
    },
    queued.event,
  ]
  return { taskId, details, config, events, contents: [message, kept, ...queued.contents], own, budget }
}

interface QueuedFacts {
  readonly run: string
  readonly at: number
  readonly turn: number
  readonly config: RunConfig
  readonly input: string
  readonly request: Pick<SubmitTask, 'place' | 'priority' | 'notBefore'>
}

/** A run enters the queue; what a dialect froze with it becomes a content. */
export function queuedEvent(
  deps: ServerDeps,
  { run, at, turn, config, input, request }: QueuedFacts,
): { readonly event: NewEvent; readonly contents: readonly Content[] } {
  const { place = defaultPlace, priority = defaultPriority, notBefore = null } = request
  const { extension, ...recorded } = config
  const facts = { turn, place, priority, not_before: notBefore, config: recorded, input }
  const event: NewEvent = { kind: 'run.queued', run, attempt: null, at, facts, contents: {} }
  if (Object.keys(extension).length === 0) return { event, contents: [] }
  const kept = contentOf(deps.randomness.newSalt(), JSON.stringify(extension), 'application/json')
  return { event: { ...event, contents: { extension: kept.digest } }, contents: [kept] }
}

export function messageContent(deps: ServerDeps, input: SubmitTask['input']): Content {
  const salt = deps.randomness.newSalt()
  if ('text' in input) return contentOf(salt, input.text, 'text/plain')
  return contentOf(salt, input.sealed, input.mediaType, true)
}

/** Undefined where the parent's budget was moved since it was read, so that the slice has to be taken anew. */
async function commitSubmit(
  deps: ServerDeps,
  request: SubmitTask,
  principal: Principal,
  written: Written,
): Promise<TaskSnapshot | undefined> {
  const { taskId, contents } = written
  const queued = startTask(taskId, written.events, written.details, written.config.extension)
  const { snapshot, events, launch } = await claimIfFree(deps, queued, { ...written, storedSeq: 0 })
  const require: Requirement[] = request.taskId === undefined ? [] : [absentTask(taskId)]
  // In the same commit, so that a cancel of the parent either sees this task or comes before it.
  if (request.parent !== undefined) {
    require.push(runIs(request.parent.runId, notCancelled), ...written.budget.require)
  }
  const opened = { id: taskId, details: written.details, runExtension: written.config.extension }
  const recorded = [recordNewTask(deps, opened, events, contents), ...written.budget.lend(taskId)]
  const writes: Write[] = [...(written.own?.writes(taskId) ?? [])]
  if (request.idempotency !== undefined) {
    const { key, requestDigest } = request.idempotency
    require.push(absentIdempotencyKey(principal.userId, key))
    const createdAt = snapshot.task.createdAt
    writes.push({ kind: 'remember_idempotency', ownerId: principal.userId, key, requestDigest, taskId, createdAt })
  }
  const runId = snapshot.run.id
  const giveUp = () => {
    deps.runKeys.delete(runId)
    if (launch !== undefined) deps.dispatcher.release(launch.slot)
  }
  if (request.modelKey !== undefined) deps.runKeys.set(runId, request.modelKey)
  try {
    const outcome = await commitEvents(deps, recorded, { require, writes })
    if (!outcome.committed && outcome.refused.name !== 'withinBudget') throw refusalOf(outcome.refused)
    if (!outcome.committed) {
      giveUp()
      return undefined
    }
    const [stored = snapshot] = outcome.after
    if (launch === undefined) deps.dispatcher.enqueued(stored.run)
    else deps.dispatcher.launch(launch.slot, { ...launch.prepared, snapshot: stored })
    return stored
  } catch (error) {
    giveUp()
    throw error
  }
}

/**
 * Claims the new run in the same commit when a slot is free and nobody stands before it, and starts its first step. The slot
 * is taken when this resolves: whoever does not launch the run releases it.
 */
export async function claimIfFree(deps: ServerDeps, queued: TaskSnapshot, journal: JournalToFold): Promise<FreeClaim> {
  const { run } = queued
  const { events } = journal
  const due = run.notBefore === null || run.notBefore <= deps.clock.now()
  const slot = due && covers('cloud:*', run.place) ? deps.dispatcher.reserve(laneOf(run)) : undefined
  if (slot === undefined) return { snapshot: queued, events, launch: undefined }
  try {
    const prepared = await prepareRun(deps, queued, journal)
    const claim = await startClaim(deps, queued, prepared)
    return {
      snapshot: claim.snapshot,
      events: [...events, ...claim.events],
      launch: { slot, prepared: claim.prepared },
    }
  } catch (error) {
    deps.dispatcher.release(slot)
    throw error
  }
}

export interface FreeClaim {
  readonly snapshot: TaskSnapshot
  readonly events: readonly NewEvent[]
  /** Undefined where the run stays in the queue. */
  readonly launch: { readonly slot: Slot; readonly prepared: PreparedRun } | undefined
}

function laneOf({ place, priority, ownerId, agentId }: Run) {
  return { place, priority, ownerId, agentId }
}

function refusalOf(refused: Requirement): Refusal {
  if (refused.name === 'absentIdempotencyKey') {
    return new Refusal('idempotency_in_progress', 'Another request with this Idempotency-Key was accepted just now.')
  }
  if (refused.name === 'runIs') return new Refusal('run_settled', 'The parent task was cancelled.')
  return new Refusal('task_busy', 'A task with this id exists already.')
}
