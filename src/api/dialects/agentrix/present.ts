import type { Chat, ChatMember } from '../../../domain/chat.ts'
import { readableText, sealedPlaceholder } from '../../../domain/content.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import type { ChatView } from './contract/chat.ts'
import type { ListedTask, StartedTask, TaskView } from './contract/task.ts'
import { extensionOf } from './extension.ts'
import { showId, showIdOrNull, showPlace } from './ids.ts'
import { stateWords } from './states.ts'

/**
 * Shows a task as the answer to its start. Its state is always `pending`, whatever has become of it since, so that a
 * repeated request gets the same answer.
 */
export function startedTask(snapshot: AccessedTask): StartedTask {
  return { ...startedFields(snapshot), state: 'pending' }
}

/** Shows a task in a list, without the texts of its run. */
export function listedTask(snapshot: AccessedTask): ListedTask {
  const { task, run } = snapshot
  return {
    ...startedFields(snapshot),
    parentTaskId: showIdOrNull('task', task.parentId),
    rootTaskId: showId('task', task.rootId),
    repositorySourceType: extensionOf(task).repositorySourceType,
    stopRequestedAt: instantOrNull(run.stopRequestedAt),
  }
}

/** Reads a task with the result or the error of its latest run. An encrypted or purged result is null. */
export async function readTaskView({ store }: ServerDeps, snapshot: AccessedTask): Promise<TaskView> {
  const { result, error } = snapshot.run
  const contents = result === null ? undefined : await store.readContents([result])
  return { ...listedTask(snapshot), result: readableText(contents?.get(result ?? '')) ?? null, error }
}

function startedFields({ task, run, access }: AccessedTask): StartedTask {
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

/** Shows a chat. Its members have the instants of the chat. */
export function chatView(chat: Chat): ChatView {
  const { id, type, title, members } = chat
  const times = { createdAt: instantOf(chat.createdAt), updatedAt: instantOf(chat.updatedAt) }
  const chatId = showId('chat', id)
  return {
    id: chatId,
    owner: ownerOf(chat),
    type,
    title,
    ...times,
    defaultMachineId: null,
    defaultCloudId: null,
    defaultRepositoryId: null,
    defaultBaseBranch: null,
    members: members.map((member) => ({
      id: `member-${member.id}`,
      chatId,
      memberCode: codeOf(member),
      type: member.type,
      role: member.role,
      ...times,
    })),
  }
}

function codeOf({ type, memberId }: ChatMember): string {
  return showId(type === 'agent' ? 'agent' : 'user', memberId)
}

/** Names the owner: of a group its creator, of a direct chat the sorted codes of its members. */
function ownerOf({ type, ownerId, members }: Chat): string {
  return type === 'group' ? showId('user', ownerId) : members.map(codeOf).sort().join(',')
}
