import { acceptsTasks, takesNoTasks } from '../../domain/agent.ts'
import type { Content } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import { evolveAll, type TaskSnapshot } from '../../domain/evolve.ts'
import { defaultPolicyName } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { type RecordedEvents, recordEvents } from '../../journal/record-events.ts'
import { type IdempotentRequest, journalAt, latestRun, type Requirement, runIs } from '../../store/commit.ts'
import { readAgentFor } from '../access/read-agent.ts'
import { readTaskToSpeakIn } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'
import { addInputFiles, type InputFile } from '../submission/add-input-files.ts'
import { findExceededRestraint, type Restraints } from '../submission/find-exceeded-restraint.ts'
import { asksQuestions, freezeRunConfig, type RunOptions, underPolicy } from '../submission/freeze-run-config.ts'
import { sliceAgain } from '../submission/open-budget.ts'
import { claimIfFree, messageContent, queuedEvent } from '../submission/queue-run.ts'
import type { SubmitTask } from './submit-task.ts'

/** A further message on a task. Its options for the run count only where it starts a new one. */
export interface AddMessage extends RunOptions, Pick<SubmitTask, 'input' | 'priority'> {
  readonly files?: readonly InputFile[] | undefined
  /** Set by dialects that take no message while a run is under way: then `task_busy` is refused. */
  readonly onlyWhenIdle?: boolean | undefined
  /** The restraints that the caller asked for. A run under way that may do more does not get the message: `task_busy`. */
  readonly heldTo?: Restraints | undefined
  /**
   * The idempotent request, kept in the message's own commit, so that the same request is answered again and adds nothing.
   */
  readonly idempotency?: IdempotentRequest | undefined
  /** Set by dialects whose tasks end once: then `run_settled` is refused instead of starting a new run. */
  readonly onlyWhileOpen?: boolean | undefined
}

/**
 * Adds a message; it is on disk when this resolves. On an ended task it starts a new run. A run that is queued, running or
 * waiting reads it before its next model call. A paused run is resumed with it. Where the task changes meanwhile the state is
 * read anew, so that a message never falls between two runs.
 * Refuses `task_busy` (files for a run under way, `onlyWhenIdle`, or a run that may do more than `heldTo` allows),
 * `run_settled` (`onlyWhileOpen`), `agent_unavailable`, `model_*`.
 */
export async function addMessage(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  request: AddMessage,
): Promise<TaskSnapshot> {
  const content = messageContent(deps, request.input)
  return retryChanged(async () => {
    const snapshot = await readTaskToSpeakIn(deps, principal, taskId)
    const { state } = snapshot.run
    if (isTerminal(state) && request.onlyWhileOpen) {
      throw new Refusal('run_settled', 'The task has ended and takes no more messages.')
    }
    if (isTerminal(state)) return startRun(deps, principal, snapshot, content, request)
    const idle = state === 'paused'
    if (!idle && (request.onlyWhenIdle || request.files?.length)) {
      throw new Refusal('task_busy', `The task is ${state}. Try again when it has ended.`, {
        state,
        retryAfterMs: 1_000,
      })
    }
    refuseWiderRun(deps, snapshot, request)
    return addToRun(deps, snapshot, content, request)
  })
}

/** A run that may do more must not read a message that asks for restraint. */
function refuseWiderRun({ tools }: Pick<EngineDeps, 'tools'>, { run }: TaskSnapshot, { heldTo }: AddMessage): void {
  const exceeded = heldTo && findExceededRestraint(run.config, heldTo, tools)
  if (exceeded === undefined) return
  const message = `The task under way ${exceeded}, which this message does not allow. Send it when that has ended.`
  throw new Refusal('task_busy', message, { retryAfterMs: 1_000 })
}

async function startRun(
  deps: ServerDeps,
  principal: Principal,
  snapshot: TaskSnapshot,
  content: Content,
  request: AddMessage,
): Promise<TaskSnapshot | undefined> {
  const { task, run: previous } = snapshot
  const agent = await readAgentFor(deps, principal, task.agentId)
  if (!acceptsTasks(agent)) {
    throw new Refusal('agent_unavailable', takesNoTasks(agent))
  }
  deps.dispatcher.refreshAgent(agent)
  const run = deps.randomness.newId()
  const slice = await sliceAgain(deps, task, run)
  const before = previous.config.policy.name
  const policy = underPolicy(before === defaultPolicyName ? (slice?.parentPolicy ?? before) : before, request.policy)
  const inherited = {
    pathLabelsBefore: previous.config.pathLabels,
    parentCapabilities: slice?.parentCapabilities,
  }
  const askQuestion = request.askQuestion ?? asksQuestions(deps.tools, previous.config)
  const config = await freezeRunConfig(deps, principal, agent, { ...request, ...inherited, policy, askQuestion })
  const at = deps.clock.now()
  const added = await messageEvent(deps, snapshot, content, request, run)
  const queueOptions = { place: previous.place, priority: request.priority ?? previous.priority }
  const turn = previous.turn + 1
  const opening = queuedEvent(deps, { run, at, turn, config, input: content.digest, request: queueOptions })
  const opened = [added, ...(slice === undefined ? [] : [slice.granted]), opening.event]
  const contents = [content, ...opening.contents]
  const queued = evolveAll(snapshot, opened, config.extension)
  const claim = await claimIfFree(deps, queued, { storedSeq: task.lastSeq, events: opened, contents })
  const { events, launch } = claim
  const recorded = recordEvents(deps, snapshot, events, { contents, runExtension: config.extension })
  const require = [
    runIs(previous.id, [previous.state], previous.attempt),
    latestRun(task.id, previous.id),
    // The new manifest was made from the one that was read. A purge in between must not bring its files back.
    ...(launch === undefined && !request.files?.length ? [] : [journalAt(task.id, task.lastSeq)]),
    ...(slice?.require ?? []),
  ]
  const committing = commitMessage(deps, [recorded, ...(slice?.lent ?? [])], require, request)
  const stored = await committing.catch((error: unknown) => {
    if (launch !== undefined) deps.dispatcher.release(launch.slot)
    throw error
  })
  if (stored === undefined) {
    if (launch !== undefined) deps.dispatcher.release(launch.slot)
    return undefined
  }
  if (launch === undefined) deps.dispatcher.enqueued(stored.run)
  else deps.dispatcher.launch(launch.slot, { ...launch.prepared, snapshot: stored })
  return stored
}

async function addToRun(
  deps: ServerDeps,
  snapshot: TaskSnapshot,
  content: Content,
  request: AddMessage,
): Promise<TaskSnapshot | undefined> {
  const { run } = snapshot
  const at = deps.clock.now()
  const events: NewEvent[] = [await messageEvent(deps, snapshot, content, request, run.id)]
  if (run.state === 'paused') {
    events.push({ kind: 'run.resumed', run: run.id, attempt: null, at, facts: {}, contents: {} })
  }
  const recorded = recordEvents(deps, snapshot, events, { contents: [content] })
  const stored = await commitMessage(deps, [recorded], [runIs(run.id, [run.state], run.attempt)], request)
  if (stored === undefined) return undefined
  if (run.state === 'paused') deps.dispatcher.enqueued(stored.run)
  return stored
}

async function messageEvent(
  deps: Pick<EngineDeps, 'clock' | 'workspaces'>,
  { task }: TaskSnapshot,
  content: Content,
  { files }: AddMessage,
  run: string,
): Promise<NewEvent> {
  const manifest = files?.length ? await addInputFiles(deps, task.manifest, files) : undefined
  return {
    kind: 'message.added',
    run,
    attempt: null,
    at: deps.clock.now(),
    facts: { role: 'user', manifest },
    contents: { message: content.digest },
  }
}

async function commitMessage(
  deps: ServerDeps,
  recorded: readonly RecordedEvents[],
  require: readonly Requirement[],
  { idempotency }: AddMessage,
): Promise<TaskSnapshot | undefined> {
  const outcome = await commitEvents(deps, recorded, { require, request: idempotency })
  return outcome.committed ? outcome.after[0] : undefined
}
