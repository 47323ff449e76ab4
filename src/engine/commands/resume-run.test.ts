import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { cancelRun } from './cancel-run.ts'
import { resumeRun } from './resume-run.ts'
import { stopRun } from './stop-run.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('a paused run is queued again and goes on to its end', async () => {
  const { task, run } = await world.submit()
  await stopRun(world.deps, world.owner, task.id)
  expect((await world.store.readRun(run.id))?.state).toBe('paused')
  expect((await resumeRun(world.deps, world.owner, task.id)).run.state).toBe('queued')
  await world.deps.dispatcher.start()
  await world.attemptEnded(run.id)
  expect((await world.store.readRun(run.id))?.state).toBe('succeeded')
})

test('a run that is queued is not resumed, and one that has ended says how', async () => {
  const { task } = await world.submit()
  await expect(resumeRun(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'move_refused' })
  await cancelRun(world.deps, world.owner, task.id)
  const resumed = resumeRun(world.deps, world.owner, task.id)
  await expect(resumed).rejects.toMatchObject({ code: 'run_settled', state: 'cancelled' })
})

test('who may only read a task does not resume it', async () => {
  const { task } = await world.submit({ visibility: 'public' })
  await stopRun(world.deps, world.owner, task.id)
  const other: Principal = { ...world.owner, userId: 'user-2' }
  await expect(resumeRun(world.deps, other, task.id)).rejects.toMatchObject({ code: 'role_forbidden' })
})
