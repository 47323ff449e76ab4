import { readableText, sealedPlaceholder } from '../../../domain/content.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import type { ListedTask, StartedTask, TaskView } from './contract/task.ts'
import { showId, showIdOrNull, showPlace } from './ids.ts'
import { stateWords } from './state-words.ts'
import { extensionOf } from './task-extension.ts'

/** The task as the answer to its start: always `pending`, whatever has become of it since. */
export function startedTask(snapshot: AccessedTask): StartedTask {
  return { ...ownFields(snapshot), state: 'pending' }
}

export function listedTask(snapshot: AccessedTask): ListedTask {
  const { task, run } = snapshot
  return {
    ...ownFields(snapshot),
    parentTaskId: showIdOrNull('task', task.parentId),
    rootTaskId: showId('task', task.rootId),
    repositorySourceType: extensionOf(task).repositorySourceType,
    stopRequestedAt: instantOrNull(run.stopRequestedAt),
  }
}

/** The task with what came of its latest run. */
export async function readTaskView({ store }: ServerDeps, snapshot: AccessedTask): Promise<TaskView> {
  const { result, error } = snapshot.run
  const contents = result === null ? undefined : await store.readContents([result])
  return { ...listedTask(snapshot), result: readableText(contents?.get(result ?? '')) ?? null, error }
}

function ownFields({ task, run, access }: AccessedTask): StartedTask {
  const { chatId, customTitle, repositoryId, baseBranch, userCwd, forceUserCwd } = extensionOf(task)
  return {
    taskId: showId('task', task.id),
    chatId: showId('chat', chatId),
    agentId: showId('agent', task.agentId),
    userId: access === 'full' ? showId('user', task.ownerId) : null,
    state: stateWords[task.state],
    ...showPlace(run.place),
    repositoryId,
    baseBranch,
    title: customTitle !== null || task.title === sealedPlaceholder ? null : task.title,
    customTitle,
    userCwd,
    forceUserCwd,
    createdAt: instantOf(task.createdAt),
    updatedAt: instantOf(task.updatedAt),
  }
}
