import { type Agent, acceptsTasks, takesNoTasks } from '../../domain/agent.ts'
import type { Amounts } from '../../domain/budget.ts'
import { type Content, titleOf } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import { startTask, type TaskSnapshot } from '../../domain/evolve.ts'
import type { JsonObject } from '../../domain/json.ts'
import { type Dialect, may, type Principal, type Visibility } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { runStates } from '../../domain/run-state.ts'
import type { RunConfig } from '../../domain/task.ts'
import { detailsText, type TaskDetails } from '../../domain/task-details.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordNewTask } from '../../journal/record-events.ts'
import { contentOf } from '../../proof/digests.ts'
import { absentTask, type IdempotentRequest, type Requirement, runIs, type Write } from '../../store/commit.ts'
import { readAgentFor } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'
import { addInputFiles, type InputFile } from '../submission/add-input-files.ts'
import { freezeRunConfig, type RunOptions, underPolicy } from '../submission/freeze-run-config.ts'
import { type OpenedBudget, openBudget } from '../submission/open-budget.ts'
import type { ParentTask } from '../submission/parent-task.ts'
import {
  checkPlace,
  claimIfFree,
  type MessageInput,
  messageContent,
  type QueueOptions,
  queuedEvent,
} from '../submission/queue-run.ts'
import { openTaskEndpoint, type TaskEndpoint, type TaskWebhookRequest } from '../webhooks/task-endpoint.ts'

/**
 * The request that every dialect's create call is translated to. Ranges were checked at the edge; what only the server knows
 * is checked here.
 */
export interface SubmitTask extends RunOptions, QueueOptions {
  readonly input: MessageInput
  /**
   * The agent's id; null for the default agent. Undefined where the text that named an agent is no id: there is no such
   * agent.
   */
  readonly agentId: string | null | undefined
  readonly dialect: Dialect
  /**
   * The owner of the task: the caller, unless a dialect gives it to the user of the agent. The caller is on record either
   * way.
   */
  readonly ownedBy?: 'caller' | 'agent_user' | undefined
  /** The id that a client chose, where its dialect allows that. It must be free. */
  readonly taskId?: string | undefined
  readonly title?: string | undefined
  readonly visibility?: Visibility | undefined
  /** The task that this one is a sub-task of. */
  readonly parent?: ParentTask | undefined
  /** The task's budget, by default that of the server. A sub-task's budget is taken from its parent's. */
  readonly budget?: Partial<Amounts> | undefined
  readonly metadata?: JsonObject | undefined
  readonly extension?: JsonObject | undefined
  readonly files?: readonly InputFile[] | undefined
  /** The endpoint that the task's own events are delivered to. */
  readonly webhook?: TaskWebhookRequest | undefined
  /** The idempotent request, kept in the task's own commit, so that the same request finds the same task again. */
  readonly idempotency?: IdempotentRequest | undefined
}

/**
 * Accepts a task. When this resolves, task, first run, message and place in the queue are on disk, in one commit. Where a
 * slot is free and nobody waits, the same commit claims the run, and it starts at once. A crash before the commit leaves
 * nothing. Refuses `invalid_input` (a webhook's URL), `role_forbidden`, `agent_not_found`, `agent_unavailable`,
 * `pool_not_found`, `machine_not_found`, `model_*`, `tool_unknown`, `policy_not_found`, `capability_denied`,
 * `budget_exhausted` (of the parent), `idempotency_*`, `task_busy` (the chosen id is taken), `run_settled` (the parent was
 * cancelled), `overloaded`, `storage_unavailable`.
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
  deps.dispatcher.refreshAgent(agent)
  const config = await freezeRunConfig(deps, principal, agent, withinParent(request))
  const inherited = request.parent?.manifest ?? null
  const manifest = request.files?.length
    ? await addInputFiles(deps, inherited, request.files)
    : (inherited ?? undefined)
  const owner = await ownerOf(deps, principal, agent, request.ownedBy)
  const taskEndpoint =
    request.webhook === undefined ? undefined : await openTaskEndpoint(deps, principal, agent.id, request.webhook)
  // Each of several sub-tasks that are submitted together takes its slice of what those before it have left.
  return retryChanged(async () => {
    const budget = await openBudget(deps, request)
    const prepared = prepareTask(deps, principal, agent, config, request, { owner, manifest, taskEndpoint, budget })
    return commitSubmit(deps, request, prepared)
  })
}

/** Holds a sub-task to its parent's policy and capabilities, which it may never exceed. */
function withinParent(request: SubmitTask): RunOptions {
  if (request.parent === undefined) return request
  const { capabilities, policy, pathLabels } = request.parent
  const inherited = { parentCapabilities: capabilities, pathLabelsBefore: pathLabels }
  return { ...request, ...inherited, policy: underPolicy(policy, request.policy) }
}

const notCancelled = runStates.filter((state) => state !== 'cancelled')

interface PreparedTask {
  readonly taskId: string
  readonly details: TaskDetails
  readonly config: RunConfig
  readonly events: NewEvent[]
  readonly contents: Content[]
  readonly taskEndpoint: TaskEndpoint | undefined
  readonly budget: OpenedBudget
}

type Owner = Pick<Principal, 'userId' | 'teamId'>

interface OwnerAndFiles {
  readonly owner: Owner
  /** The manifest of the files that the task begins with; undefined for none. */
  readonly manifest: string | undefined
}

async function ownerOf(
  { store }: Pick<EngineDeps, 'store'>,
  principal: Principal,
  agent: Agent,
  ownedBy: SubmitTask['ownedBy'],
): Promise<Owner> {
  if (ownedBy !== 'agent_user' || agent.ownerId === principal.userId) return principal
  const user = await store.readUser(agent.ownerId)
  return { userId: agent.ownerId, teamId: user === undefined ? agent.teamId : user.teamId }
}

function prepareTask(
  deps: ServerDeps,
  principal: Principal,
  agent: Agent,
  config: RunConfig,
  request: SubmitTask,
  { owner, manifest, taskEndpoint, budget }: Pick<PreparedTask, 'taskEndpoint' | 'budget'> & OwnerAndFiles,
): PreparedTask {
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
        webhook: taskEndpoint && { endpoint: taskEndpoint.endpoint.id, events: taskEndpoint.endpoint.events },
      },
    },
    {
      ...envelope,
      kind: 'message.added',
      run,
      contents: { message: message.digest },
      facts: { role: 'user', manifest },
    },
    queued.event,
  ]
  return { taskId, details, config, events, contents: [message, kept, ...queued.contents], taskEndpoint, budget }
}

/** Answers undefined where the parent's budget was moved since it was read, so that the slice has to be taken anew. */
async function commitSubmit(
  deps: ServerDeps,
  request: SubmitTask,
  prepared: PreparedTask,
): Promise<TaskSnapshot | undefined> {
  const { taskId, contents } = prepared
  const queued = startTask(taskId, prepared.events, prepared.details, prepared.config.extension)
  const { snapshot, events, launch } = await claimIfFree(deps, queued, { ...prepared, storedSeq: 0 })
  const require: Requirement[] = request.taskId === undefined ? [] : [absentTask(taskId)]
  // The commit requires the parent's run, so that a cancel of the parent either sees this task or comes before it.
  if (request.parent !== undefined) {
    require.push(runIs(request.parent.runId, notCancelled), ...prepared.budget.require)
  }
  const opened = { id: taskId, details: prepared.details, runExtension: prepared.config.extension }
  const recorded = [recordNewTask(deps, opened, events, contents), ...prepared.budget.lend(taskId)]
  const writes: Write[] = [...(prepared.taskEndpoint?.writes(taskId) ?? [])]
  const runId = snapshot.run.id
  const giveUp = () => {
    deps.runKeys.delete(runId)
    if (launch !== undefined) deps.dispatcher.release(launch.slot)
  }
  if (request.modelKey !== undefined) deps.runKeys.set(runId, request.modelKey)
  try {
    const outcome = await commitEvents(deps, recorded, { require, writes, request: request.idempotency })
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

function refusalOf(refused: Requirement): Refusal {
  if (refused.name === 'runIs') return new Refusal('run_settled', 'The parent task was cancelled.')
  return new Refusal('task_busy', 'A task with this id exists already.')
}
