import type { Chat } from '../../../domain/chat.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { type AccessedTask, readTaskFor, readTaskToChange } from '../../../engine/access/read-task.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { readChat } from '../../../engine/queries/read-chat.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { parentOf } from '../../../engine/submission/parent-task.ts'
import type { SourceType, StartTaskBody } from './contract/start-task.ts'
import { extensionOf, type TaskSource, writeExtension } from './extension.ts'
import { readId } from './ids.ts'
import { readStartMode, type StartMode } from './start-mode.ts'

/**
 * Converts the body of a start to a request of the engine. It refuses everything that does not exist or may not be
 * used by the caller.
 */
export async function readStart(deps: ServerDeps, principal: Principal, body: StartTaskBody): Promise<SubmitTask> {
  const mode = readStartMode(deps.limits, body)
  const chat = await readChat(deps, principal, readId('chat', body.chatId))
  const parent = mode.mode === 'sub-task' ? await readParent(deps, principal, chat, mode.parentId) : undefined
  const source = sourceOf(body, parent)
  const { customTitle = null } = body
  const dataEncryptionKey = mode.mode === 'local' ? { dataEncryptionKey: mode.dataEncryptionKey } : {}
  return {
    ...(await whereAndWhat(deps, mode, parent)),
    dialect: 'agentrix',
    askQuestion: body.askUser,
    agentId: body.agentId === undefined ? firstAgentOf(chat) : readId('agent', body.agentId),
    extension: writeExtension({ chatId: chat.id, customTitle, ...source, ...dataEncryptionKey }),
    runExtension: { ...source },
    title: customTitle ?? undefined,
  }
}

async function whereAndWhat(
  deps: ServerDeps,
  mode: StartMode,
  parent: TaskSnapshot | undefined,
): Promise<Pick<SubmitTask, 'input' | 'place' | 'parent'>> {
  if (mode.mode !== 'sub-task') return { input: mode.input, place: mode.place }
  if (parent === undefined) throw new Error('A sub-task was read without its parent.')
  const input = mode.input ?? (await inputOf(deps, parent))
  return { input, place: parent.run.place, parent: parentOf(parent) }
}

/**
 * Reads the parent of a sub-task. It must have been started in the same chat, and the caller must be allowed to
 * change it.
 */
async function readParent(deps: ServerDeps, principal: Principal, chat: Chat, parentId: string): Promise<TaskSnapshot> {
  const { task } = await readTask(deps, principal, parentId)
  if (extensionOf(task).chatId !== chat.id) {
    const fields = [{ field: 'chatId', message: 'must be the chat of the parent task' }]
    throw new Refusal('invalid_input', 'A sub-task is in the chat of its parent.', { fields })
  }
  return readTaskToChange(deps, principal, task.id)
}

/**
 * Reads the input of the parent's latest run, which stays encrypted where it was. Refuses `invalid_input` once it is
 * purged.
 */
async function inputOf({ store }: ServerDeps, { run }: TaskSnapshot): Promise<SubmitTask['input']> {
  const content = (await store.readContents([run.input])).get(run.input)
  if (content === undefined) {
    const fields = [{ field: 'message', message: "is needed: the parent's is no longer there" }]
    throw new Refusal('invalid_input', 'The parent has no message to begin with.', { fields })
  }
  const { body, mediaType } = content
  return typeof body === 'string' ? { text: body } : { sealed: body, mediaType }
}

function firstAgentOf({ members }: Chat): string {
  const agent = members.find(({ type }) => type === 'agent')
  if (agent !== undefined) return agent.memberId
  const fields = [{ field: 'agentId', message: 'is needed: no agent takes part in the chat' }]
  throw new Refusal('invalid_input', 'The chat has no agent.', { fields })
}

/**
 * Completes the source of the task: fields that the body leaves out come from the parent, or follow from those that
 * it has.
 */
function sourceOf(body: StartTaskBody, parent: TaskSnapshot | undefined): TaskSource {
  const inherited = parent && extensionOf(parent.task)
  const repositoryId = body.repositoryId ?? inherited?.repositoryId ?? null
  const userCwd = body.cwd ?? inherited?.userCwd ?? null
  return {
    repositoryId,
    baseBranch: body.baseBranch ?? inherited?.baseBranch ?? null,
    repositorySourceType: body.repositorySourceType ?? sourceType(body, inherited),
    userCwd,
    forceUserCwd: body.forceUserCwd ?? inherited?.forceUserCwd ?? null,
  }
}

function sourceType(body: StartTaskBody, inherited: TaskSource | undefined): SourceType {
  if (body.repositoryId !== undefined) return 'git-server'
  if (inherited !== undefined) return inherited.repositorySourceType
  return body.cwd === undefined ? 'temporary' : 'directory'
}

/**
 * Reads the task of a path. Refuses `task_not_found` where the caller may not see it, or where it was not started in
 * a chat.
 */
export async function readTask(deps: ServerDeps, principal: Principal, word: string): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, readId('task', word))
  if (snapshot.task.dialect !== 'agentrix') throw new Refusal('task_not_found', 'There is no such task.')
  return snapshot
}
