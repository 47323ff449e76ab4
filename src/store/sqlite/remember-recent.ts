import type { Agent } from '../../domain/agent.ts'
import type { Chat } from '../../domain/chat.ts'
import type { Content, Digest } from '../../domain/content.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Team, User } from '../../domain/identity.ts'
import type { Commit, CommitOutcome, Write } from '../commit.ts'
import type { Store } from '../store.ts'

const tasksMax = 2_000
const contentCharsMax = 16 * 1024 * 1024
const smallMax = 10_000

/**
 * The same store, which answers from memory what this process itself has just committed: tasks it submitted, contents it
 * wrote, and the agents, users, teams and settings it keeps being asked for. Right only where this process is the only one
 * that writes. What is remembered changes at the acknowledgement and in its order, so that a read sees every commit that
 * was acknowledged before it. Bounded; what was forgotten is read from the disk.
 */
export function rememberRecent(store: Store): Store {
  const tasks = createRecentTasks()
  const contents = createRecentContents()
  const agents = createSmall(store.readAgent)
  const users = createSmall(store.readUser)
  const teams = createSmall(store.readTeam)
  const settings = createSmall(store.readSetting)
  const chats = createSmall(store.readChat) // they never change
  const forgetRow = (write: Write) => {
    if (write.kind === 'save_agent') agents.forget(write.agent.id)
    if (write.kind === 'delete_agent') agents.forget(write.agent)
    if (write.kind === 'save_user') users.forget(write.user.id)
    if (write.kind === 'save_team') teams.forget(write.team.id)
    if (write.kind === 'put_setting') settings.forget(write.name)
  }
  return {
    ...store,
    async commit(commit) {
      const outcome = await store.commit(commit)
      if (!outcome.committed) return outcome
      for (const write of commit.write) {
        forgetRow(write)
        if (write.kind === 'put_contents') contents.add(write.contents)
      }
      tasks.apply(commit, outcome)
      return outcome
    },
    readSnapshot: async (taskId) => tasks.get(taskId) ?? store.readSnapshot(taskId),
    readTask: async (id) => tasks.get(id)?.task ?? store.readTask(id),
    async readContents(digests) {
      const missing = digests.filter((digest) => contents.get(digest) === undefined)
      const found = missing.length === 0 ? new Map<Digest, Content>() : await store.readContents(missing)
      for (const digest of digests) {
        const content = contents.get(digest)
        if (content !== undefined) found.set(digest, content)
      }
      return found
    },
    readAgent: agents.read,
    readUser: users.read,
    readTeam: teams.read,
    readSetting: settings.read,
    readChat: chats.read,
  }
}

/**
 * Tasks that this process submitted, newest change last. Only a submit adds one and only commits change it: a row that was
 * read could be newer than commits whose acknowledgements are still on their way.
 */
function createRecentTasks() {
  const recent = createGenerations<TaskSnapshot>(tasksMax, () => 1)
  return {
    get: recent.get,
    apply({ write }: Commit, { lastSeq, numbers }: Extract<CommitOutcome, { committed: true }>) {
      for (const one of write) {
        const id = taskOf(one)
        const before = id === undefined ? undefined : recent.get(id)
        if (one.kind === 'insert_task') {
          const { task, run } = one
          const added = { ...task, number: numbers[task.id] ?? 0, lastSeq: lastSeq[task.id] ?? task.lastSeq }
          recent.set(task.id, { task: added, run })
        } else if (before !== undefined) {
          recent.set(before.task.id, changed(before, one, lastSeq))
        }
      }
    },
  }
}

function taskOf(write: Write): string | undefined {
  switch (write.kind) {
    case 'insert_run':
    case 'save_run':
      return write.run.taskId
    case 'append':
    case 'save_manifest':
    case 'save_task':
    case 'request_stop':
      return write.task
    default:
      return undefined
  }
}

function changed(before: TaskSnapshot, write: Write, lastSeq: Readonly<Record<string, number>>): TaskSnapshot {
  const { task, run } = before
  switch (write.kind) {
    case 'append': {
      const updatedAt = write.events.at(-1)?.at ?? task.updatedAt
      return { task: { ...task, lastSeq: lastSeq[task.id] ?? task.lastSeq, updatedAt }, run }
    }
    case 'insert_run':
      return { task: { ...task, runId: write.run.id, state: write.run.state }, run: write.run }
    case 'save_run': {
      if (write.run.id !== run.id) return before
      return { task: { ...task, state: write.run.state }, run: { ...write.run, stopRequested: run.stopRequested } }
    }
    case 'request_stop':
      return write.run === run.id ? { task, run: { ...run, stopRequested: write.requested } } : before
    case 'save_manifest':
      return { task: { ...task, manifest: write.manifest }, run }
    case 'save_task': {
      const { title, visibility, metadata } = write
      return { task: { ...task, title, visibility, metadata }, run }
    }
    default:
      return before
  }
}

/** Contents never change, so that only their memory has to be bounded. */
function createRecentContents() {
  const recent = createGenerations<Content>(contentCharsMax, ({ body }) => body.length + 200)
  return {
    get: recent.get,
    add(contents: readonly Content[]) {
      for (const content of contents) {
        if (content.body.length <= contentCharsMax / 16) recent.set(content.digest, content)
      }
    },
  }
}

/** Rows that are read far more often than they change; absence is not remembered. */
function createSmall<Row extends Agent | Chat | User | Team | string>(load: (id: string) => Promise<Row | undefined>) {
  const recent = createGenerations<Row>(smallMax, () => 1)
  return {
    async read(id: string): Promise<Row | undefined> {
      const known = recent.get(id)
      if (known !== undefined) return known
      const row = await load(id)
      if (row !== undefined) recent.set(id, row)
      return row
    },
    forget: recent.forget,
  }
}

/**
 * A bounded memory in two generations: when the newer one is half of what may be kept, it becomes the older one, and what
 * was the older one is forgotten. Nothing has to be moved or counted out one by one.
 */
function createGenerations<Value>(weightMax: number, weigh: (value: Value) => number) {
  let newer = new Map<string, Value>()
  let older = new Map<string, Value>()
  let weight = 0
  return {
    get: (id: string): Value | undefined => newer.get(id) ?? older.get(id),
    set(id: string, value: Value) {
      if (weight >= weightMax / 2) {
        older = newer
        newer = new Map()
        weight = 0
      }
      if (!newer.has(id)) weight += weigh(value)
      newer.set(id, value)
    },
    forget(id: string) {
      newer.delete(id)
      older.delete(id)
    },
  }
}
