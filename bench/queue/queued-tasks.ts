import { type Content, titleOf } from '../../src/domain/content.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { startTask } from '../../src/domain/evolve.ts'
import type { Randomness } from '../../src/domain/randomness.ts'
import { defaultPlace, type RecordedConfig, type Run } from '../../src/domain/task.ts'
import { detailsText } from '../../src/domain/task-details.ts'
import { contentOf } from '../../src/proof/digests.ts'
import { append, putContents, type Write } from '../../src/store/commit.ts'

const owners = 10
const priorities = [3, 4, 5, 6, 7]
const agent = '00000000-0000-7000-8000-000000000001'

const config: RecordedConfig = {
  model: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
  instructions: null,
  tools: ['list_files', 'read_file', 'write_file', 'fetch_url'],
  capabilities: ['files:read', 'files:write', 'network:http:read'],
  denied: [],
  policy: { name: 'default', digest: `sha256:${'0'.repeat(64)}` },
  retentionDays: 365,
  principal: { user: 'bench', team: null, role: 'operator' },
  pathLabels: [],
  stepsMax: 45,
  timeoutMs: 3_600_000,
  stepTimeoutMs: 600_000,
  queueTimeoutMs: 86_400_000,
}

/** The writes that put one more task in the queue, as a submit does; the n-th goes round ten owners and five priorities. */
export function queuedTask(randomness: Randomness, n: number, at: number): { writes: Write[]; run: Run } {
  const task = randomness.newId()
  const run = randomness.newId()
  const owner = `00000000-0000-7000-8000-0000000001${String(n % owners).padStart(2, '0')}`
  const priority = priorities[Math.floor(n / owners) % priorities.length] ?? 5
  const message = contentOf(randomness.newSalt(), 'say hello', 'text/plain')
  const details = { title: titleOf(message), metadata: {}, extension: {} }
  const kept = contentOf(randomness.newSalt(), detailsText(details), 'application/json')
  const events = firstEvents({ task, run, owner, priority, at, message, details: kept })
  const rows = startTask(task, events, details)
  const writes: Write[] = [{ kind: 'insert_task', ...rows }, putContents(task, [message, kept]), append(task, events)]
  return { writes, run: rows.run }
}

interface First {
  task: string
  run: string
  owner: string
  priority: number
  at: number
  message: Content
  details: Content
}

function firstEvents({ task, run, owner, priority, at, message, details }: First): NewEvent[] {
  const envelope = { attempt: null, at, contents: {} }
  const submitted: NewEvent = {
    ...envelope,
    kind: 'task.submitted',
    run: null,
    contents: { details: details.digest },
    facts: {
      owner,
      team: null,
      agent,
      dialect: 'native',
      visibility: 'private',
      parent: null,
      root: task,
      budget: { micros_usd: 100_000_000, tokens: 100_000_000, steps: 10_000 },
      labels: [],
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
