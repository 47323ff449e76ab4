import type { Agent } from '../../domain/agent.ts'
import type { Chat } from '../../domain/chat.ts'
import type { Content, Digest } from '../../domain/content.ts'
import type { Team, User } from '../../domain/identity.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Write } from '../commit.ts'
import type { Store } from '../store.ts'
import { createGenerations } from './generations.ts'
import { createRecentEvents } from './recent-events.ts'
import { createRecentTasks } from './recent-tasks.ts'

const contentCharsMax = 16 * 1024 * 1024
const smallMax = 10_000
const policiesMax = 200

/**
 * Wraps a store with a bounded cache of what this process has just committed: the tasks it submitted, their journals
 * while these are short, the contents it wrote, and the agents, users, teams, settings and policies that are read all
 * the time. It is correct only where this process is the only one that writes. The cache changes at each
 * acknowledgement, in their order, so that a read sees every commit that was acknowledged before it.
 */
export function rememberRecent(store: Store): Store {
  const tasks = createRecentTasks()
  const events = createRecentEvents()
  const contents = createRecentContents()
  const agents = createSmall(store.readAgent)
  const users = createSmall(store.readUser)
  const teams = createSmall(store.readTeam)
  const settings = createSmall(store.readSetting)
  const chats = createSmall(store.readChat) // Chats never change.
  const policies = createSmall(store.readPolicy, policiesMax) // A version of a policy never changes.
  const policiesByName = createSmall(store.readPolicyNamed, policiesMax)
  const forgetRow = (write: Write) => {
    if (write.kind === 'save_agent') agents.forget(write.agent.id)
    if (write.kind === 'delete_agent') agents.forget(write.agent)
    if (write.kind === 'save_user') users.forget(write.user.id)
    if (write.kind === 'save_team') teams.forget(write.team.id)
    if (write.kind === 'put_setting') settings.forget(write.name)
    if (write.kind === 'put_policy') policiesByName.forget(write.version.document.name)
  }
  return {
    ...store,
    async commit(commit) {
      const outcome = await store.commit(commit)
      if (!outcome.committed) return outcome
      const purged: string[] = []
      for (const write of commit.write) {
        forgetRow(write)
        if (write.kind === 'put_contents') contents.add(write.task, write.contents)
        if (write.kind === 'purge_contents') purged.push(write.task)
      }
      if (purged.length > 0) contents.forgetOf(purged)
      tasks.apply(commit, outcome)
      events.apply(commit, outcome)
      return outcome
    },
    readSnapshot: async (taskId) => tasks.get(taskId) ?? store.readSnapshot(taskId),
    readTask: async (id) => tasks.get(id)?.task ?? store.readTask(id),
    readEvents: async (taskId, after, limit) =>
      events.read(taskId, after, limit) ?? store.readEvents(taskId, after, limit),
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
    readPolicy: policies.read,
    readPolicyNamed: policiesByName.read,
  }
}

/**
 * A cache of contents, which never change. A purge is rare and searches the whole cache for the contents of its tasks.
 * A content that another task put too is then read from the disk.
 */
function createRecentContents() {
  interface Kept {
    readonly content: Content
    readonly task: string | null
  }
  const recent = createGenerations<Kept>(contentCharsMax, ({ content }) => content.body.length + 200)
  return {
    get: (digest: Digest) => recent.get(digest)?.content,
    add(task: string | null, contents: readonly Content[]) {
      for (const content of contents) {
        if (content.body.length <= contentCharsMax / 16) recent.set(content.digest, { content, task })
      }
    },
    forgetOf(tasks: readonly string[]) {
      const gone = new Set<string | null>(tasks)
      recent.forgetWhere(({ task }) => gone.has(task))
    },
  }
}

/** A cache of rows that are read far more often than they change. The absence of a row is not cached. */
function createSmall<Row extends Agent | Chat | PolicyVersion | User | Team | string>(
  load: (id: string) => Promise<Row | undefined>,
  rowsMax = smallMax,
) {
  const recent = createGenerations<Row>(rowsMax, () => 1)
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
