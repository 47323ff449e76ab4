import type { FastifyRequest } from 'fastify'
import { mayChange, type Principal } from '../../../domain/principal.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { Run, Task } from '../../../domain/task.ts'
import type { TaskAccess } from '../../../domain/task-access.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import { ownUrl } from '../../edge/own-url.ts'
import type { RunConfigView, SharedThreadView, TaskView, ThreadView } from './contract/task.ts'
import { isIsolated, runOptionsOf } from './extension.ts'
import { statusOf } from './states.ts'
import type { UiMessage } from './ui/fold-message.ts'

function shownTo(task: Task): SharedThreadView['task'] {
  const { id, title, visibility } = task
  const times = { created_at: instantOf(task.createdAt), updated_at: instantOf(task.updatedAt) }
  return { id, title, status: statusOf(task.state), visibility, ...times }
}

/** Shows a task in a list. Its creator is shown only to those with full access. */
export function taskView({ task, run, access }: AccessedTask): TaskView {
  return {
    ...shownTo(task),
    created_by: access === 'full' ? task.ownerId : null,
    is_isolated: isIsolated(task),
    is_scheduled: false,
    model: modelOf(run),
    project_id: projectOf(task),
    schedule_info: null,
  }
}

/** The task, runs and messages from which a thread is shown. */
export interface ThreadSource {
  readonly snapshot: AccessedTask
  /** The runs, oldest first. The last is the run of the snapshot. */
  readonly runs: readonly Run[]
  readonly messages: readonly UiMessage[]
  /** Makes the address of the stream of a run. */
  streamUrl(task: Task, run: Run): string
}

/** Shows a task with its messages and runs. It is read-only for everybody whose messages would not continue it. */
export function threadView(principal: Principal, { snapshot, runs, messages, streamUrl }: ThreadSource): ThreadView {
  const { task, run, access } = snapshot
  // A paused run enters the queue again, so that its first entry is read from its message.
  const begun = new Map(messages.map(({ id, metadata }) => [id, metadata['created_at']]))
  return {
    task: { ...taskView(snapshot), secret_names: [...new Set(runs.flatMap((each) => secretNames(each, access)))] },
    messages: messages.map((message) => ({ ...message })) as ThreadView['messages'],
    // It is read-only for administrators too, because the id of another user's task does not continue it.
    read_only: principal.userId !== task.ownerId || !mayChange(principal, task),
    stream: {
      hasStream: !isTerminal(run.state),
      last_seq: task.lastSeq,
      run_config: runConfigView(task, run, access),
      streamId: run.id,
      streamStatus: statusOf(run.state),
    },
    streamUrls: runs.map((each) => ({ streamId: each.id, url: streamUrl(task, each), status: statusOf(each.state) })),
    streams: runs.map((each) => ({
      stream_id: each.id,
      status: statusOf(each.state),
      created_at: String(begun.get(each.id) ?? instantOf(each.queuedAt)),
      completed_at: instantOrNull(each.endedAt),
      ...(each.config.notice !== undefined && { notice: each.config.notice }),
      run_config: runConfigView(task, each, access),
    })),
  }
}

/** Shows a task to outsiders: its messages, without its owner, its options and its secrets. */
export function sharedThreadView(task: Task, messages: readonly UiMessage[]): SharedThreadView {
  return { task: shownTo(task), messages: [...messages] as SharedThreadView['messages'], read_only: true }
}

/** Names the secrets of a run, and none to those who have no full access. */
function secretNames(run: Run, access: TaskAccess): string[] {
  return access === 'full' ? [...runOptionsOf(run).secrets] : []
}

function runConfigView(task: Task, run: Run, access: TaskAccess): RunConfigView {
  const { message_id: _own, files: _shownWithTheMessage, ...options } = runOptionsOf(run)
  const { agent_ids, file_keys, secrets: _names, ...plain } = options
  return {
    ...plain,
    agent_ids: [...agent_ids],
    file_keys: [...file_keys],
    secrets: secretNames(run, access),
    isolated: isIsolated(task),
    max_steps: run.config.stepsMax,
    model: modelOf(run),
    project_id: projectOf(task),
  }
}

function modelOf({ config }: Run): string {
  return config.model.name ?? config.model.model
}

function projectOf({ metadata }: Task): string | null {
  const { project_id } = metadata
  return typeof project_id === 'string' ? project_id : null
}

type Asked = Pick<FastifyRequest, 'originalUrl'>

/** Makes the address at which a task is read, below the mount of the request. */
export function taskUrl({ publicUrl }: EdgeContext, request: Asked, taskId: string): string {
  return ownUrl(publicUrl(), request, `/api/v1/tasks/${taskId}`)
}

/** Makes the address of the stream of a run, below the mount of the request. */
export function streamUrl(context: EdgeContext, request: Asked, taskId: string, runId: string): string {
  return `${taskUrl(context, request, taskId)}/streams/${runId}`
}
