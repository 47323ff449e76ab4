import type { EventView } from '../../api/native/contract/event.ts'
import type { TaskView } from '../../api/native/contract/task.ts'
import { howToAnswer } from './describe-prompt.ts'

/** Tells how to answer what a task waits for. */
export interface AnswerHint {
  /** Takes each event of the journal, and answers with one line where the run waits with it. */
  take(event: EventView): string | undefined
  /** How to answer what is open, as of the last event. */
  text(): string
}

/** Creates the hints of one task. Of what had happened before it was read, only a wait that still lasts is told. */
export function createAnswerHint(
  program: string,
  { number, state, last_seq }: Pick<TaskView, 'number' | 'state' | 'last_seq'>,
): AnswerHint {
  const open = new Map<string, string>()
  const text = () => {
    if (open.size > 1)
      return `Answer with: ${program} answer <prompt> …; "${program} inbox" lists the ${open.size} prompts`
    const [how = '<answer>'] = open.values()
    return `Answer with: ${program} answer ${number} ${how}`
  }
  return {
    text,
    take(event) {
      switch (event.type) {
        case 'prompt.opened':
          open.set(event.data.prompt, howToAnswer({ kind: event.data.prompt_kind, payload: event.data.payload }))
          return undefined
        case 'prompt.answered':
        case 'prompt.expired':
        case 'prompt.withdrawn':
          open.delete(event.data.prompt)
          return undefined
        case 'run.waiting':
          return event.seq > last_seq || state === 'waiting' ? text() : undefined
        default:
          return undefined
      }
    },
  }
}
