import { expect, test } from 'vitest'
import { createEngineWorld } from '../../../test/support/create-engine-world.ts'
import { parentOf } from '../submission/parent-task.ts'

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

test('of many sub-tasks that are submitted at once as many are taken as one after the other, and each has its slice', async () => {
  const slices = async (count: number, atOnce: boolean) => {
    const world = await createEngineWorld()
    try {
      const parent = await world.submit()
      const submits = Array.from({ length: count }, () => () => world.submit({ parent: parentOf(parent) }))
      const settled = atOnce ? await Promise.allSettled(submits.map((submit) => submit())) : await inTurn(submits)
      const taken = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.task.ledger.cap.steps] : []))
      const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
      const ledger = (await world.store.readTask(parent.task.id))?.ledger
      return { taken: taken.sort((a, b) => b - a), refused: [...new Set(refused)], lent: ledger?.lent }
    } finally {
      await world.close()
    }
  }
  const one = await slices(20, false)
  expect(one.taken.length).toBeGreaterThan(10)
  expect(await slices(200, true)).toEqual({ ...one, refused: ['budget_exhausted'] })
})

async function inTurn<T>(steps: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
  const settled: PromiseSettledResult<T>[] = []
  for (const step of steps) settled.push(...(await Promise.allSettled([step()])))
  return settled
}
