import { expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Commit } from '../../store/commit.ts'
import { parentOf } from '../submission/parent-task.ts'
import { cancelRun } from './cancel-run.ts'

const withWorld = (body: (world: EngineWorld) => Promise<void>) => async () => {
  const world = await createEngineWorld()
  try {
    await body(world)
  } finally {
    await world.close()
  }
}

/** A parent, its child, and a grandchild below it; none is started. */
async function family(world: EngineWorld) {
  const parent = await world.submit()
  const child = await world.submit({ parent: parentOf(parent) })
  const grandchild = await world.submit({ parent: parentOf(child) })
  return { parent, child, grandchild, ids: [parent, child, grandchild].map(({ task }) => task.id) }
}

const stateOf = async ({ store }: EngineWorld, id: string) => (await store.readTask(id))?.state

test(
  'cancelling a task cancels its sub-tasks, and theirs, in the same commit',
  withWorld(async (world) => {
    const { parent, grandchild, ids } = await family(world)
    const other = await world.submit()
    const commits: Commit[] = []
    const { commit } = world.store
    world.store.commit = (made) => {
      commits.push(made)
      return commit(made)
    }
    await cancelRun(world.deps, world.owner, parent.task.id)
    for (const id of ids) expect(await stateOf(world, id)).toBe('cancelled')
    expect(await stateOf(world, other.task.id)).toBe('queued')
    expect(commits).toHaveLength(1)
    expect((await world.events(grandchild.task.id)).at(-1)).toMatchObject({ kind: 'run.cancelled' })
    expect(grandchild.task.rootId).toBe(parent.task.id)
  }),
)

test(
  'cancelling a sub-task leaves its parent and its siblings as they are',
  withWorld(async (world) => {
    const { parent, child } = await family(world)
    const sibling = await world.submit({ parent: parentOf(parent) })
    await cancelRun(world.deps, world.owner, child.task.id)
    expect(await stateOf(world, parent.task.id)).toBe('queued')
    expect(await stateOf(world, sibling.task.id)).toBe('queued')
  }),
)

test(
  'a sub-task that has ended is left as it ended, and those below it are cancelled',
  withWorld(async (world) => {
    const later = { notBefore: world.clock.now() + 1_000 }
    const parent = await world.submit(later)
    const child = await world.submit({ parent: parentOf(parent) })
    const grandchild = await world.submit({ parent: parentOf(child), ...later })
    await world.deps.dispatcher.start()
    await world.attemptEnded(child.run.id)
    await cancelRun(world.deps, world.owner, parent.task.id)
    expect(await stateOf(world, child.task.id)).toBe('succeeded')
    expect(await stateOf(world, grandchild.task.id)).toBe('cancelled')
  }),
)

test(
  'a sub-task that is submitted while its parent is cancelled is cancelled too',
  withWorld(async (world) => {
    const parent = await world.submit()
    const { commit } = world.store
    let late = Promise.resolve('')
    world.store.commit = async (made) => {
      world.store.commit = commit
      late = world.submit({ parent: parentOf(parent) }).then(({ task }) => task.id)
      await late // on disk after the cancel has looked, and before it commits
      return commit(made)
    }
    await cancelRun(world.deps, world.owner, parent.task.id)
    expect(await stateOf(world, await late)).toBe('cancelled')
  }),
)

test(
  'a cancelled task takes no sub-tasks',
  withWorld(async (world) => {
    const parent = await world.submit()
    await cancelRun(world.deps, world.owner, parent.task.id)
    await expect(world.submit({ parent: parentOf(parent) })).rejects.toMatchObject({ code: 'run_settled' })
    expect(await world.store.listTasks({ parentId: parent.task.id }, { limit: 10 })).toEqual([])
  }),
)
