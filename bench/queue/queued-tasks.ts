import { type Content, titleOf } from '../../src/domain/content.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { startTask } from '../../src/domain/evolve.ts'
import type { Randomness } from '../../src/domain/randomness.ts'
import { defaultPlace, type Run, type RunConfig } from '../../src/domain/task.ts'
import { contentOf } from '../../src/proof/content-of.ts'
import { append, putContents, type Write } from '../../src/store/commit.ts'

const owners = 10
const priorities = [3, 4, 5, 6, 7]
const agent = '00000000-0000-7000-8000-000000000001'

const config: RunConfig = {
  model: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
  instructions: null,
  tools: ['list_files', 'read_file', 'write_file', 'fetch_url'],
  capabilities: ['files:read', 'files:write', 'network:http:read'],
  stepsMax: 45,
  timeoutMs: 3_600_000,
  stepTimeoutMs: 600_000,
  queueTimeoutMs: 86_400_000,
  extension: {},
}

/** The writes that put one more task in the queue, as a submit does; the n-th goes round ten owners and five priorities. */
export function queuedTask(randomness: Randomness, n: number, at: number): { writes: Write[]; run: Run } {
  const task = randomness.newId()
  const run = randomness.newId()
  const owner = `00000000-0000-7000-8000-0000000001${String(n % owners).padStart(2, '0')}`
  const priority = priorities[Math.floor(n / owners) % priorities.length] ?? 5
  const message = contentOf(randomness.newSalt(), 'say hello', 'text/plain')
  const events = firstEvents({ task, run, owner, priority, at, message })
  const rows = startTask(task, events)
  const writes: Write[] = [{ kind: 'insert_task', ...rows }, putContents(task, [message]), append(task, events)]
  return { writes, run: rows.run }
}

interface First {
  task: string
  run: string
  owner: string
  priority: number
  at: number
  message: Content
}

function firstEvents({ task, run, owner, priority, at, message }: First): NewEvent[] {
  const envelope = { attempt: null, at, contents: {} }
  const submitted: NewEvent = {
    ...envelope,
    kind: 'task.submitted',
    run: null,
    facts: {
      owner,
      team: null,
      agent,
      dialect: 'native',
      visibility: 'private',
      title: titleOf(message),
      parent: null,
      root: task,
      metadata: {},
      extension: {},
    },
  }
  const added: NewEvent = {
    ...envelope,
    kind: 'message.added',
    run,
    contents: { message: message.digest },
    facts: { role: 'user' },
  }
  const queued: NewEvent = {
    ...envelope,
    kind: 'run.queued',
    run,
    facts: { turn: 1, place: defaultPlace, priority, not_before: null, config, input: message.digest },
  }
  return [submitted, added, queued]
}
