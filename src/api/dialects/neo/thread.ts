import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Run } from '../../../domain/task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { instantOf } from '../../edge/instants.ts'
import { runOptionsOf } from './extension.ts'
import { addChunk, emptyMessage, foldedMessage, type MessageFold, type UiMessage } from './ui/fold-message.ts'
import { type LoadedEvent, loadEvents } from './ui/load-events.ts'
import { openRunMessage, projectEvent, type RunMessage } from './ui/project-run.ts'

const pageSize = 200

/**
 * Reads the messages of a task: those of its user and, for each run, the answer of the agent as the stream of the run
 * shows it. A message that was added to a run in progress stands before the answer of that run.
 */
export async function readThread(deps: ServerDeps, { task }: TaskSnapshot, runs: readonly Run[]): Promise<UiMessage[]> {
  const turns = new Map(runs.map((run) => [run.id, startTurn(task.id, run)]))
  for (let seen = 0; seen < task.lastSeq; ) {
    const events = await deps.store.readEvents(task.id, seen, pageSize)
    for (const loaded of await loadEvents(deps.store, events)) addTo(turns, loaded)
    const last = events.at(-1)
    if (last === undefined) break
    seen = last.seq
  }
  return [...turns.values()].flatMap(({ userMessages, answer }) => {
    const message = foldedMessage(answer)
    return message === undefined ? userMessages : [...userMessages, message]
  })
}

interface Turn {
  readonly run: Run
  readonly userMessages: UiMessage[]
  readonly answer: MessageFold
  state: RunMessage
}

function startTurn(taskId: string, run: Run): Turn {
  return { run, userMessages: [], answer: emptyMessage(), state: openRunMessage(taskId, run.id) }
}

function addTo(turns: ReadonlyMap<string, Turn>, loaded: LoadedEvent): void {
  const { event, texts } = loaded
  const turn = turns.get(event.run ?? '')
  if (turn === undefined) return
  if (event.kind === 'message.added') turn.userMessages.push(userMessage(turn, loaded, texts['message'] ?? ''))
  const { state, chunks } = projectEvent(turn.state, loaded)
  turn.state = state
  for (const chunk of chunks) addChunk(turn.answer, chunk)
}

function userMessage({ run, userMessages }: Turn, { event }: LoadedEvent, text: string): UiMessage {
  const { message_id, files } = runOptionsOf(run)
  const digest = event.contents['message'] ?? ''
  const first = userMessages.length === 0
  return {
    id: first && message_id !== null ? message_id : uuidOf(digest),
    role: 'user',
    metadata: { created_at: instantOf(event.at) },
    parts: [{ type: 'text', text }, ...(first ? files : [])],
  }
}

/** Makes an id from the digest of a message whose client gave none, so that it is always the same. */
function uuidOf(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1)
  const part = (from: number, to: number) => hex.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-a${part(17, 20)}-${part(20, 32)}`
}
