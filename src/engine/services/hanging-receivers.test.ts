import { afterEach, describe, expect, test } from 'vitest'
import { type CollectingReceiver, createCollectingReceiver } from '../../../test/support/collecting-receiver.ts'
import { openDeliveryWorld } from '../../../test/support/open-delivery-world.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('a deliverer whose receivers hang', () => {
  const hanging = Array.from({ length: 13 }, (_, index) => `https://hanging-${index}.example.com`)
  const good = 'https://good.example.com'
  const isGood = ({ request }: CollectingReceiver['received'][number]) => request.url.startsWith(good)

  /** Every one of them has `tasks` deliveries to take. */
  async function openHangingWorld(urls: readonly string[], answerFirst = false) {
    let hangs = !answerFirst
    const receiver = createCollectingReceiver((one) => (hangs && !isGood(one) ? new Promise(() => undefined) : 200))
    const world = await openDeliveryWorld(cleanups, receiver)
    world.start()
    for (const url of [...urls, good]) await world.subscribe(['task.submitted'], url)
    if (answerFirst) {
      await world.submit()
      await world.clock.until(() => world.tried.length === urls.length + 1)
      hangs = true
    }
    const before = receiver.received.length
    const open = () => receiver.received.slice(before).filter((one) => !isGood(one)).length
    return { ...world, receiver, open, goodTaken: () => receiver.taken.filter(isGood).length }
  }

  test('gives thirteen that never answered a place each; who answers gets all of its own meanwhile', async () => {
    const world = await openHangingWorld(hanging)
    for (let count = 0; count < 20; count += 1) await world.submit()
    await world.clock.until(() => world.goodTaken() === 20)
    expect(world.open()).toBe(13)
  })

  test('leaves places to the others also where all thirteen had answered before', async () => {
    const world = await openHangingWorld(hanging, true)
    for (let count = 0; count < 20; count += 1) await world.submit()
    await world.clock.until(() => world.goodTaken() === 21)
    // Six times eight places, and one each of the last quarter.
    expect(world.open()).toBeLessThanOrEqual(6 * 8 + 7)
    expect(world.open()).toBeGreaterThan(13)
  })

  test('leaves half of the places to those who answer, however many hang', async () => {
    const many = Array.from({ length: 70 }, (_, index) => `https://a-hanging-${index}.example.com`)
    const world = await openHangingWorld([])
    await world.submit()
    await world.clock.until(() => world.goodTaken() === 1)
    for (const url of many) await world.subscribe(['task.submitted'], url)
    for (let count = 0; count < 10; count += 1) await world.submit()
    await world.clock.until(() => world.goodTaken() === 11)
    expect(world.open()).toBe(32)
  })

  test('gives one that hung a single place at the next time, and more once it answers again', async () => {
    const world = await openHangingWorld(hanging.slice(0, 1), true)
    for (let count = 0; count < 20; count += 1) await world.submit()
    await world.clock.until(() => world.open() === 8)
    world.clock.advance(15_000)
    await world.clock.until(
      () => world.tried.filter((one) => one?.attempts === 1 && one.state === 'pending').length === 8,
    )
    await world.clock.until(() => world.open() === 9)
    world.receiver.answer = () => 200
    world.clock.advance(15_000)
    await world.advanceUntil(() => world.receiver.taken.length === 2 * 21, 1_000)
  })
})
