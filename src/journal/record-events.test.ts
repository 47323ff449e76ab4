import { expect, test } from 'vitest'
import { sampleContent, sampleTask } from '../../test/support/sample-tasks.ts'
import type { EventFacts, EventKind, NewEvent } from '../domain/event.ts'
import { evolve, type TaskSnapshot } from '../domain/evolve.ts'
import type { Write } from '../store/commit.ts'
import { type RecordedEvents, recordEvents, recordNewTask } from './record-events.ts'

const nobody = { outbox: { promise: () => [] } }
const queued = sampleTask()
const at = queued.task.createdAt + 10

function event<K extends EventKind>(kind: K, facts: EventFacts[K], run: string | null = queued.run.id): NewEvent {
  return { kind, run, attempt: null, at, facts, contents: {} } as NewEvent
}

const claimed = event('run.claimed', { attempt: 1 })
const stopRequested = event('run.stop_requested', {})
const paused = event('run.paused', {})
const failed = event('run.failed', { error: { code: 'x', message: 'y' } })
const running = evolve(queued, claimed)

const kinds = ({ writes }: RecordedEvents) => writes.map(({ kind }) => kind)
const only = <K extends Write['kind']>({ writes }: RecordedEvents, kind: K) =>
  writes.find((write): write is Extract<Write, { kind: K }> => write.kind === kind)

test('the events of one change are one append, with the deliveries that are owed for them', () => {
  const promised: Write = { kind: 'add_deliveries', task: queued.task.id, deliveries: [] }
  const asked: unknown[] = []
  const outbox = {
    promise(task: TaskSnapshot['task'], events: readonly NewEvent[]) {
      asked.push(task, events)
      return [promised]
    },
  }
  const recorded = recordEvents({ outbox }, queued, [claimed])
  expect(only(recorded, 'append')).toEqual({ kind: 'append', task: queued.task.id, events: [claimed] })
  expect(recorded.writes).toContain(promised)
  expect(asked).toEqual([recorded.after.task, [claimed]])
})

test('facts that are undefined are left out, as they are when the event is read again', () => {
  const lost = event('attempt.lost', { attempt: 1, reason: 'died', not_before: undefined })
  const recorded = recordEvents(nobody, running, [lost])
  expect(Object.keys(only(recorded, 'append')?.events[0]?.facts ?? {})).toEqual(['attempt', 'reason'])
  expect(recorded.events[0]?.facts).toStrictEqual({ attempt: 1, reason: 'died' })
})

test('an event whose facts are all defined is the one that is appended', () => {
  expect(recordEvents(nobody, queued, [claimed]).events[0]).toBe(claimed)
})

test('a run that an event changes is saved as the fold has it', () => {
  const recorded = recordEvents(nobody, queued, [claimed])
  expect(kinds(recorded)).toEqual(['append', 'save_run'])
  expect(only(recorded, 'save_run')?.run).toBe(recorded.after.run)
  expect(recorded.after).toEqual(running)
})

test('a run that no event changes is not saved', () => {
  const reserved = { micros_usd: 5, tokens: 7 }
  const started = event('step.started', { step: 1, model: 'm', provider: 'p', reserved })
  expect(kinds(recordEvents(nobody, running, [started]))).toEqual(['append', 'move_ledger'])
  expect(kinds(recordEvents(nobody, running, [event('message.added', { role: 'user' })]))).toEqual(['append'])
})

test('a stop that is requested touches the flag and no other column, since the attempt writes these meanwhile', () => {
  const recorded = recordEvents(nobody, running, [stopRequested])
  expect(kinds(recorded)).toEqual(['append', 'request_stop'])
  expect(only(recorded, 'request_stop')).toMatchObject({ run: queued.run.id, at })
})

test('a stop that is requested or withdrawn among other events touches the flag', () => {
  const message = event('message.added', { role: 'user' })
  const asked = recordEvents(nobody, running, [message, stopRequested])
  expect(kinds(asked)).toEqual(['append', 'request_stop'])
  const withdrawn = recordEvents(nobody, asked.after, [event('run.stop_withdrawn', {}), message])
  expect(only(withdrawn, 'request_stop')).toMatchObject({ run: queued.run.id, at: null })
})

test('a pause takes the flag away, also where the attempt has not read that it was set', () => {
  const recorded = recordEvents(nobody, running, [paused])
  expect(kinds(recorded)).toEqual(['append', 'save_run', 'request_stop'])
  expect(only(recorded, 'request_stop')?.at).toBeNull()
})

test('a further run is inserted with its frozen extension, in the state that the events leave it in', () => {
  const first = queued.events[2]
  const ended = evolve(running, failed)
  const again = { ...first, run: 'run-2', at, facts: { ...first?.facts, turn: 2 } } as NewEvent
  const recorded = recordEvents(nobody, ended, [again, { ...claimed, run: 'run-2' }], { runExtension: { mode: 'x' } })
  expect(kinds(recorded)).toEqual(['append', 'insert_run'])
  expect(only(recorded, 'insert_run')?.run).toMatchObject({
    id: 'run-2',
    state: 'running',
    config: { extension: { mode: 'x' } },
  })
})

test('a ledger is moved by the sum of the events, and the end of a run releases what is reserved', () => {
  const lent = event('budget.transferred', { to: 'task-2', amounts: { micros_usd: 3, tokens: 2, steps: 1 } })
  const recorded = recordEvents(nobody, running, [lent, lent, failed])
  expect(only(recorded, 'move_ledger')?.move).toMatchObject({
    lent: { micros_usd: 6, tokens: 4, steps: 2 },
    releasesAll: true,
  })
})

test('a manifest is saved where the events bring another one', () => {
  const message = event('message.added', { role: 'user', manifest: 'sha256:aa' })
  const recorded = recordEvents(nobody, running, [message])
  expect(only(recorded, 'save_manifest')).toMatchObject({ task: queued.task.id, manifest: 'sha256:aa' })
  expect(only(recordEvents(nobody, recorded.after, [message]), 'save_manifest')).toBeUndefined()
})

test('a hold and a purge save the retention; the end of a run has it in its own row', () => {
  const ended = recordEvents(nobody, running, [failed])
  expect(kinds(ended)).toEqual(['append', 'move_ledger', 'save_run'])
  const held = recordEvents(nobody, ended.after, [event('task.hold_placed', { by: 'u', reason: 'case 7' }, null)])
  expect(only(held, 'save_keeping')).toMatchObject({ hold: 'case 7', purgeAt: ended.after.task.purgeAt })
  const purge = event('task.purged', { by: 'retention', reason: 'retention', contents: 1 }, null)
  const purged = recordEvents(nobody, ended.after, [purge])
  expect(kinds(purged)).toEqual(['purge_contents', 'append', 'save_keeping'])
  expect(only(purged, 'save_keeping')).toMatchObject({ purgeAt: null, purgedAt: at })
})

test('a purge of a task with files takes the manifest with the contents, and saves none', () => {
  const message = event('message.added', { role: 'user', manifest: 'sha256:aa' })
  const purge = event('task.purged', { by: 'u', reason: 'request', contents: 1 }, null)
  const ended = evolve(evolve(running, message), failed)
  expect(kinds(recordEvents(nobody, ended, [purge]))).toEqual(['purge_contents', 'append', 'save_keeping'])
})

test('a purge among other events takes the contents', () => {
  const purge = event('task.purged', { by: 'u', reason: 'request', contents: 1 }, null)
  const message = event('message.added', { role: 'user' })
  expect(kinds(recordEvents(nobody, evolve(running, failed), [message, purge]))).toContain('purge_contents')
})

test('a purged task saves its retention no second time, and a further run has it in its own row', () => {
  const purge = event('task.purged', { by: 'u', reason: 'request', contents: 1 }, null)
  const purged = evolve(evolve(running, failed), purge)
  expect(kinds(recordEvents(nobody, purged, [event('message.added', { role: 'user' })]))).toEqual(['append'])
  const again = { ...queued.events[2], run: 'run-2', at } as NewEvent
  expect(kinds(recordEvents(nobody, purged, [again]))).toEqual(['append', 'insert_run'])
})

test('contents go in before a purge, so that it takes them too', () => {
  const purge = event('task.purged', { by: 'u', reason: 'request', contents: 1 }, null)
  const recorded = recordEvents(nobody, evolve(running, failed), [purge], { contents: [sampleContent('late')] })
  expect(kinds(recorded).slice(0, 2)).toEqual(['put_contents', 'purge_contents'])
})

test('a new task is inserted as its first events leave it, claimed at once or not', () => {
  const { id, title, metadata, extension } = queued.task
  const task = { id, details: { title, metadata, extension }, runExtension: {} }
  const recorded = recordNewTask(nobody, task, [...queued.events, claimed], queued.contents)
  expect(kinds(recorded)).toEqual(['insert_task', 'put_contents', 'append'])
  expect(only(recorded, 'insert_task')?.run.state).toBe('running')
  expect(only(recorded, 'insert_task')?.task).toBe(recorded.after.task)
})

test('a move that the state of the run forbids is refused and derives nothing', () => {
  const ended = evolve(running, failed)
  const refused = () => recordEvents(nobody, ended, [stopRequested])
  expect(refused).toThrow(expect.objectContaining({ code: 'run_settled' }))
})
