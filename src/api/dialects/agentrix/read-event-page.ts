import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { Store } from '../../../store/store.ts'
import { type EventView, readEventViews, seqOf } from './present-event.ts'

const pageSizeDefault = 50

export interface EventRange {
  readonly limit?: number
  /** Sequences; both exclusive. */
  readonly before?: number
  readonly after?: number
}

/** The newest events of a range, newest first, and whether the range has older ones. */
export async function readEventPage(
  store: Store,
  { task, access }: AccessedTask,
  { limit = pageSizeDefault, before, after }: EventRange,
): Promise<{ events: EventView[]; hasMore: boolean }> {
  const oldest = after === undefined ? 1 : seqOf(after) + 1
  const newest = Math.min(task.lastSeq, before === undefined ? task.lastSeq : seqOf(before) - 1)
  const first = Math.max(oldest, newest - limit + 1)
  const events = first > newest ? [] : await store.readEvents(task.id, first - 1, newest - first + 1)
  const views = await readEventViews(store, { task, access }, events)
  return { events: views.reverse(), hasMore: first > oldest }
}

/** The events of these sequences, each once and in order; those that there are not are left out. */
export async function readSequences(
  store: Store,
  { task, access }: AccessedTask,
  sequences: readonly number[],
): Promise<EventView[]> {
  const wanted = [...new Set(sequences.map(seqOf))].filter((seq) => seq <= task.lastSeq).sort((a, b) => a - b)
  const pages = runsOf(wanted).map(([first, count]) => store.readEvents(task.id, first - 1, count))
  return readEventViews(store, { task, access }, (await Promise.all(pages)).flat())
}

/** Ascending numbers as stretches without a hole: where each begins and how long it is. */
function runsOf(numbers: readonly number[]): (readonly [first: number, count: number])[] {
  const stretches: (readonly [number, number])[] = []
  for (const number of numbers) {
    const last = stretches.at(-1)
    if (last !== undefined && last[0] + last[1] === number) stretches[stretches.length - 1] = [last[0], last[1] + 1]
    else stretches.push([number, 1])
  }
  return stretches
}
