import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { eventsRoot } from '../../proof/digests.ts'
import { addMessage } from '../commands/add-message.ts'
import { closeRun } from './close-run.ts'
import { readRunRecord } from './read-run-record.ts'

let world: EngineWorld
afterEach(() => world.close())

const steps = [
  { calls: [{ tool: 'note', input: { text: 'a' } }] },
  { text: 'done' },
  { calls: [{ tool: 'note', input: { text: 'b' } }] },
  { text: 'done again' },
]

/** A task with two ended runs, each with one tool call. */
async function twoRuns(options: EngineWorldOptions = {}) {
  world = await createEngineWorld({ steps, tools: [createScriptedTool('note', () => 'ok')], ...options })
  await world.deps.dispatcher.start()
  const first = await world.submit()
  await world.attemptEnded(first.run.id)
  const second = await addMessage(world.deps, world.owner, first.task.id, { input: { text: 'again' } })
  await world.attemptEnded(second.run.id)
  const { id } = first.task
  const [one, two] = await world.store.listRuns(id)
  const task = await world.store.readTask(id)
  if (one === undefined || two === undefined || task === undefined) throw new Error('a run is missing')
  const byTurn = [one, two].sort((a, b) => a.turn - b.turn)
  return { task, first: byTurn[0] ?? one, second: byTurn[1] ?? two, events: await world.events(id) }
}

test('the records of two runs divide the journal after the end of the first', async () => {
  const { task, first, second, events } = await twoRuns()
  const end = events.findIndex(({ kind }) => kind === 'run.succeeded') + 1
  expect(await readRunRecord(world.deps, first, task.lastSeq)).toMatchObject({ first_seq: 1, last_seq: end })
  expect(await readRunRecord(world.deps, second, task.lastSeq)).toMatchObject({
    first_seq: end + 1,
    last_seq: events.length,
    events_root: eventsRoot(task.id, events.slice(end)),
  })
})

test('a record names the statements of its own run, the last one as their head', async () => {
  const { task, first, second } = await twoRuns()
  for (const run of [first, second]) {
    const chain = await world.store.listStatements(task.id, run.id)
    const { statements } = await readRunRecord(world.deps, run, task.lastSeq)
    expect(statements).toEqual({ count: 2, head: chain.at(-1)?.digest })
  }
})

test('the ledger of a later run is the same whether the run before it was closed or not', async () => {
  const { task, first, second } = await twoRuns()
  const folded = await readRunRecord(world.deps, second, task.lastSeq)
  expect(folded.ledger).toEqual(task.ledger)
  await closeRun(world.deps, { taskId: task.id, runId: first.id })
  expect(await readRunRecord(world.deps, second, task.lastSeq)).toEqual(folded)
})

test('what comes after the end of a run does not change its record', async () => {
  const { task, first } = await twoRuns()
  const before = await readRunRecord(world.deps, first, task.lastSeq)
  const { run } = await addMessage(world.deps, world.owner, task.id, { input: { text: 'once more' } })
  await world.attemptEnded(run.id)
  const grown = await world.store.readTask(task.id)
  expect(grown?.lastSeq).toBeGreaterThan(task.lastSeq)
  expect(await readRunRecord(world.deps, first, grown?.lastSeq ?? 0)).toEqual(before)
})

test('a run without an end in the journal is a defect', async () => {
  world = await createEngineWorld()
  const { task, run } = await world.submit()
  await expect(readRunRecord(world.deps, run, task.lastSeq)).rejects.toThrow('is not in its journal')
})
