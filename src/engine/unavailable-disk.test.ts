import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { Refusal } from '../domain/refusal.ts'

let world: EngineWorld
afterEach(() => world.close())

test('a disk that refuses for a while delays a run and loses nothing of it', async () => {
  let ill = false
  let refused = 0
  const begun = Promise.withResolvers<void>()
  const tool = createScriptedTool('note', () => {
    ill = true
    begun.resolve()
    return 'noted'
  })
  world = await createEngineWorld({
    steps: [{ calls: [{ tool: 'note', input: { text: 'x' } }] }, { text: 'done' }],
    tools: [tool],
    wrapStore: (store) => ({
      ...store,
      async commit(commit) {
        if (!ill) return store.commit(commit)
        refused += 1
        throw new Refusal('storage_unavailable', 'The disk is full.', { retryAfterMs: 1_000 })
      },
    }),
  })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await begun.promise
  for (let tries = 1; tries <= 3; tries += 1) {
    await world.clock.until(() => refused === tries && world.clock.waiting > 1)
    world.clock.advance(1_000)
  }
  await expect(world.submit()).rejects.toMatchObject({ code: 'storage_unavailable' })
  ill = false
  const goOn = () => {
    world.clock.advance(1_000)
    return world.deps.dispatcher.runningCount === 0
  }
  await world.clock.until(goOn)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', attempt: 1 })
  expect((await world.events(task.id)).filter(({ kind }) => kind === 'action.settled')).toHaveLength(1)
})
