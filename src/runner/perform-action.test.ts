import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { openAttempt } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import type { Delta } from '../live/live.ts'
import { type Tool, type ToolContext, ToolError } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import { performAction } from './perform-action.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(): Promise<Attempt> {
  world = await createEngineWorld()
  return openAttempt(world)
}

type Perform = Parameters<typeof createScriptedTool>[1]

function perform(attempt: Attempt, work: Perform, over: Partial<Tool> = {}) {
  return performAction(attempt, 1, 'action-1', createScriptedTool('note', work, over), { text: 'a' })
}

const never = () => new Promise<string>(() => undefined)

test('an action tells its output and how long it took', async () => {
  const attempt = await open()
  const done = await perform(attempt, () => {
    world.clock.advance(42)
    return 'noted'
  })
  expect(done).toEqual({ failed: false, output: 'noted', truncated: false, manifest: undefined, durationMs: 42 })
})

test('an error of the tool becomes what the model reads', async () => {
  const done = await perform(await open(), () => {
    throw new ToolError('not_found', 'There is no such file.')
  })
  expect(done).toMatchObject({ failed: true, output: 'Error (not_found): There is no such file.' })
})

test('a defect of a tool is not told to the model', async () => {
  const attempt = await open()
  const broken = perform(attempt, () => {
    throw new TypeError('x is not a function')
  })
  await expect(broken).rejects.toThrow(TypeError)
})

test('a tool that ignores its signal is given up after its time', async () => {
  const attempt = await open()
  const contexts: ToolContext[] = []
  const done = perform(attempt, (_input, context) => {
    contexts.push(context)
    return never()
  })
  world.clock.advance(5_000)
  expect(await done).toMatchObject({ failed: true, output: expect.stringContaining('5000 ms'), durationMs: 5_000 })
  expect(contexts[0]?.signal.aborted).toBe(true)
})

test('an attempt that is aborted ends its action at once, with the reason of the attempt', async () => {
  const attempt = await open()
  const done = perform(attempt, never)
  attempt.control.abort('cancelled')
  await expect(done).rejects.toBe(attempt.control.signal.reason)
})

test('a long output is truncated at the edge of a character, and says so', async () => {
  const done = await perform(await open(), () => 'é'.repeat(10), { outputBytesMax: 5 })
  expect(done).toMatchObject({ failed: false, truncated: true })
  expect(done.output).toMatch(/^éé\n\[.*longer than 5 bytes\]$/u)
})

test('an output of just the limit is whole', async () => {
  const done = await perform(await open(), () => 'é'.repeat(10), { outputBytesMax: 20 })
  expect(done).toMatchObject({ output: 'é'.repeat(10), truncated: false })
})

test('progress is published under its action, numbered and well formed', async () => {
  const attempt = await open()
  const published: Delta[] = []
  attempt.deps.live.listen(attempt.journal.snapshot.task.id, (delta) => published.push(delta))
  await perform(attempt, (_input, { progress }) => {
    progress('one')
    progress('two\ud800')
    return 'done'
  })
  expect(published.map(({ kind, action, index, text }) => [kind, action, index, text])).toEqual([
    ['action.progress', 'action-1', 0, 'one'],
    ['action.progress', 'action-1', 1, 'two\ufffd'],
  ])
})
