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
 * The messages of a task: what its user said and, for each run, what the agent made of it, as the run's stream tells it. A
 * message that was given to a run under way stands before the run's answer.
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
  return [...turns.values()].flatMap(({ said, answer }) => {
    const message = foldedMessage(answer)
    return message === undefined ? said : [...said, message]
  })
}

interface Turn {
  readonly run: Run
  readonly said: UiMessage[]
  readonly answer: MessageFold
  state: RunMessage
}

function startTurn(taskId: string, run: Run): Turn {
  return { run, said: [], answer: emptyMessage(), state: openRunMessage(taskId, run.id) }
}

function addTo(turns: ReadonlyMap<string, Turn>, loaded: LoadedEvent): void {
  const { event, texts } = loaded
  const turn = turns.get(event.run ?? '')
  if (turn === undefined) return
  if (event.kind === 'message.added') turn.said.push(userMessage(turn, loaded, texts['message'] ?? ''))
  const { state, chunks } = projectEvent(turn.state, loaded)
  turn.state = state
  for (const chunk of chunks) addChunk(turn.answer, chunk)
}

function userMessage({ run, said }: Turn, { event }: LoadedEvent, text: string): UiMessage {
  const { message_id, files } = runOptionsOf(run)
  const digest = event.contents['message'] ?? ''
  const first = said.length === 0
  return {
    id: first && message_id !== null ? message_id : uuidOf(digest),
    role: 'user',
    metadata: { created_at: instantOf(event.at) },
    parts: [{ type: 'text', text }, ...(first ? files : [])],
  }
}

/** A message that its client gave no id has one made of its digest, so that it is always the same. */
function uuidOf(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1)
  const part = (from: number, to: number) => hex.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-a${part(17, 20)}-${part(20, 32)}`
}
