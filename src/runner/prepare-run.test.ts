import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { driveToEnd, openAttempt, openStartedAttempt } from '../../test/support/open-attempt.ts'
import type { Run } from '../domain/task.ts'
import { contentOf } from '../proof/digests.ts'
import { driveRun } from './drive-run.ts'
import { prepareRun, startFirstStep } from './prepare-run.ts'

let world: EngineWorld
afterEach(() => world.close())

async function submitted(options: EngineWorldOptions = {}) {
  world = await createEngineWorld(options)
  return world.submit()
}

/** A run as its claim leaves it, with what its first step would start from. */
async function claimed(over: Partial<Run> = {}, options: EngineWorldOptions = {}) {
  const { task, run } = await submitted(options)
  const snapshot = { task, run: { ...run, ...over } }
  return { snapshot, prepared: await prepareRun(world.deps, snapshot) }
}

test('a run is prepared from the stored journal, with the instructions of its agent', async () => {
  const instructions = contentOf('ab'.repeat(16), 'Be brief.', 'text/plain')
  const snapshot = await submitted()
  await world.store.commit({ write: [{ kind: 'put_contents', task: null, contents: [instructions] }] })
  const { run, task } = snapshot
  const config = { ...run.config, instructions: instructions.digest }
  const prepared = await prepareRun(world.deps, { task, run: { ...run, config } })
  expect(prepared.conversation.messages).toEqual([{ role: 'user', text: 'do it' }])
  expect(prepared.instructions).toBe('Be brief.')
  expect(prepared.firstCall).toBeUndefined()
})

test('a journal of several pages is read to its end, whatever fits on a page', async () => {
  const steps = [{ text: 'done' }]
  world = await createEngineWorld({ steps })
  const attempt = await openStartedAttempt(world)
  await driveToEnd(attempt, driveRun(attempt))
  const { snapshot } = attempt.journal
  const lastSeq = snapshot.task.lastSeq
  expect(lastSeq).toBeGreaterThan(3)
  for (const page_size_max of [1, 2, lastSeq - 1, lastSeq, 200]) {
    const limits = { ...world.deps.limits, page_size_max }
    const { conversation } = await prepareRun({ ...world.deps, limits }, snapshot)
    expect(conversation.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(conversation.step).toBe(1)
  }
})

test('only as much of the journal is read as is told to be stored, and events that wait follow it', async () => {
  const { task, run } = await submitted()
  const said = contentOf('cd'.repeat(16), 'and quickly', 'text/plain')
  const at = world.clock.now()
  const contents = { message: said.digest }
  const events = [
    { kind: 'message.added' as const, run: run.id, attempt: 0, at, facts: { role: 'user' as const }, contents },
  ]
  const journal = { events, contents: [said] }
  const texts = async (storedSeq: number) =>
    (await prepareRun(world.deps, { task, run }, { storedSeq, ...journal })).conversation.messages
  expect(await texts(0)).toEqual([{ role: 'user', text: 'and quickly' }])
  expect(await texts(task.lastSeq)).toEqual([
    { role: 'user', text: 'do it' },
    { role: 'user', text: 'and quickly' },
  ])
})

test('a journal that ends before its row says so is read as far as it goes', async () => {
  const { task, run } = await submitted()
  const { conversation } = await prepareRun(world.deps, { task: { ...task, lastSeq: task.lastSeq + 1 }, run })
  expect(conversation.messages).toHaveLength(1)
})

test('the first step is started with its reservation, at the instant of the claim', async () => {
  const { snapshot, prepared } = await claimed({ claimedAt: 1_234, attempt: 3 })
  const started = await startFirstStep(world.deps, snapshot, prepared)
  const plan = started?.prepared.firstCall
  expect(plan?.reserved.tokens).toBeGreaterThan(0)
  expect(started?.event).toEqual({
    kind: 'step.started',
    run: snapshot.run.id,
    attempt: 3,
    at: 1_234,
    facts: { step: 1, model: 'scripted-1', provider: 'scripted', reserved: plan?.reserved },
    contents: {},
  })
  expect(started?.prepared).toEqual({ ...prepared, firstCall: plan })
})

test('a later attempt starts with the step after the last one', async () => {
  const { snapshot, prepared } = await claimed()
  prepared.conversation.step = 4
  const started = await startFirstStep(world.deps, snapshot, prepared)
  expect(started?.event).toMatchObject({ at: world.clock.now(), facts: { step: 5 } })
})

test('no step is started before what an earlier attempt left open is settled', async () => {
  const { snapshot, prepared } = await claimed()
  const { conversation } = prepared
  const args = { kind: 'valid', input: {} } as never
  const open = {
    action: 'a',
    tool: 'note',
    call: 'c',
    arguments: args,
    repeats: null,
    allowed: null,
    prompt: null,
    asked: null,
  }
  const withOpen = { ...prepared, conversation: { ...conversation, open: [open] } }
  expect(await startFirstStep(world.deps, snapshot, withOpen)).toBeUndefined()
  const lost = await openAttempt(world, {})
  const again = await prepareRun(world.deps, lost.journal.snapshot)
  expect(again.conversation.call).toBeDefined()
  expect(again.conversation.open).toEqual([])
  expect(await startFirstStep(world.deps, lost.journal.snapshot, again)).toBeUndefined()
})

test('no step is started where a stop is pending', async () => {
  const { snapshot, prepared } = await claimed({ stopRequestedAt: 0 })
  expect(await startFirstStep(world.deps, snapshot, prepared)).toBeUndefined()
})

test('the last step that a run may take is started, and none after it', async () => {
  const { snapshot, prepared } = await claimed()
  const { stepsMax } = snapshot.run.config
  prepared.conversation.step = stepsMax - 1
  expect(await startFirstStep(world.deps, snapshot, prepared)).toBeDefined()
  prepared.conversation.step = stepsMax
  expect(await startFirstStep(world.deps, snapshot, prepared)).toBeUndefined()
})

test('a run with a model key of its own is started only where the key is still in memory', async () => {
  const { snapshot, prepared } = await claimed()
  const { task, run } = snapshot
  const withKey = { task, run: { ...run, config: { ...run.config, ownKey: true as const } } }
  expect(await startFirstStep(world.deps, withKey, prepared)).toBeUndefined()
  world.deps.runKeys.set(run.id, 'key')
  expect(await startFirstStep(world.deps, withKey, prepared)).toBeDefined()
})

test('no step is started that the budget does not pay for', async () => {
  world = await createEngineWorld()
  const snapshot = await world.submit({ budget: { tokens: 500 } })
  const prepared = await prepareRun(world.deps, snapshot)
  expect(await startFirstStep(world.deps, snapshot, prepared)).toBeUndefined()
})
