import { expect, test } from 'vitest'
import { createEngineWorld } from '../../../test/support/create-engine-world.ts'
import { parentOf } from '../parent-task.ts'

test('a sub-task begins with the files of its parent, below the same root', async () => {
  const world = await createEngineWorld()
  try {
    const manifest = `sha256:${'ab'.repeat(32)}`
    const parent = await world.submit()
    const child = await world.submit({ parent: { ...parentOf(parent), manifest } })
    expect(child.task).toMatchObject({ parentId: parent.task.id, rootId: parent.task.id, manifest })
    expect(await world.store.readTask(child.task.id)).toMatchObject({ manifest })
    const [, message] = await world.events(child.task.id)
    expect(message?.facts).toMatchObject({ manifest })
  } finally {
    await world.close()
  }
})

test('a place where nothing would take the run is refused', async () => {
  const world = await createEngineWorld()
  try {
    await expect(world.submit({ place: 'cloud:nowhere' })).rejects.toMatchObject({ code: 'pool_not_found' })
    await expect(world.submit({ place: 'machine:m1' })).rejects.toMatchObject({ code: 'machine_not_found' })
    await expect(world.submit({ place: 'cloud:default' })).resolves.toMatchObject({ run: { place: 'cloud:default' } })
  } finally {
    await world.close()
  }
})
