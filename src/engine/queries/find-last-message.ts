import type { Digest } from '../../domain/content.ts'
import type { Task } from '../../domain/task.ts'
import type { Store } from '../../store/store.ts'

const tailMax = 200

/**
 * Finds the content of the last message that was added to a task. It reads the journal from its end, so that long journals
 * cost no more.
 */
export async function findLastMessage(
  { readEvents }: Pick<Store, 'readEvents'>,
  { id, lastSeq }: Pick<Task, 'id' | 'lastSeq'>,
): Promise<Digest | undefined> {
  for (let end = lastSeq; end > 0; end -= tailMax) {
    const events = await readEvents(id, Math.max(0, end - tailMax), Math.min(tailMax, end))
    const message = events.findLast((event) => event.kind === 'message.added')
    if (message !== undefined) return message.contents['message']
  }
  return undefined
}
