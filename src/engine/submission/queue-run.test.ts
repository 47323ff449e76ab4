import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { sampleTask } from '../../../test/support/sample-tasks.ts'
import type { LaneRef } from '../../dispatch/dispatch.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { ServerDeps } from '../server-deps.ts'
import type { Slot } from '../services/run-dispatcher.ts'
import { claimIfFree, defaultPriority, messageContent, queuedEvent } from './queue-run.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('a place where nothing would take the run is refused', async () => {
  await expect(world.submit({ place: 'cloud:nowhere' })).rejects.toMatchObject({ code: 'pool_not_found' })
  await expect(world.submit({ place: 'machine:m1' })).rejects.toMatchObject({ code: 'machine_not_found' })
  await expect(world.submit({ place: 'cloud:default' })).resolves.toMatchObject({ run: { place: 'cloud:default' } })
})

const queued = { run: 'run-1', at: 5, turn: 2, input: 'digest', config: sampleTask().run.config }

test('a run is queued for the default place, with the default priority, from now on', () => {
  const { event, contents } = queuedEvent(world.deps, { ...queued, request: {} })
  expect(event).toMatchObject({
    kind: 'run.queued',
    run: 'run-1',
    at: 5,
    facts: { turn: 2, place: 'cloud:default', priority: defaultPriority, not_before: null, input: 'digest' },
    contents: {},
  })
  expect(contents).toEqual([])
  const request = { place: 'machine:m1', priority: 1, notBefore: 9 } as const
  expect(queuedEvent(world.deps, { ...queued, request }).event.facts).toMatchObject({
    place: 'machine:m1',
    priority: 1,
    not_before: 9,
  })
})

test('what a dialect froze with a run is a content that the event names, and no fact of it', () => {
  const config = { ...queued.config, extension: { thread: 'the-needle' } }
  const { event, contents } = queuedEvent(world.deps, { ...queued, config, request: {} })
  expect(JSON.stringify(event)).not.toContain('the-needle')
  expect(contents).toMatchObject([{ body: '{"thread":"the-needle"}', mediaType: 'application/json' }])
  expect(event.contents).toEqual({ extension: contents[0]?.digest })
})

test('the same text has another digest each time, and sealed bytes are kept as they came', () => {
  const [first, second] = [messageContent(world.deps, { text: 'hi' }), messageContent(world.deps, { text: 'hi' })]
  expect(first).toMatchObject({ body: 'hi', mediaType: 'text/plain', sealed: false })
  expect(first.digest).not.toBe(second.digest)
  const bytes = new Uint8Array([0, 255])
  expect(messageContent(world.deps, { sealed: bytes, mediaType: 'x/y' })).toMatchObject({
    body: bytes,
    mediaType: 'x/y',
    sealed: true,
  })
})

/** The world's dependencies with a dispatcher that has a slot for everything, and notes which were taken and given back. */
function withSlots(over: Partial<ServerDeps> = {}) {
  const reserved: LaneRef[] = []
  const released: Slot[] = []
  const deps: ServerDeps = {
    ...world.deps,
    ...over,
    dispatcher: {
      ...world.deps.dispatcher,
      reserve(lane) {
        reserved.push(lane)
        return { lane }
      },
      release: (slot) => void released.push(slot),
    },
  }
  return { deps, reserved, released }
}

const stored = ({ task }: TaskSnapshot) => ({ storedSeq: task.lastSeq, events: [], contents: [] })

test('a run that is due takes a slot of its lane, and is claimed with its first step', async () => {
  const snapshot = await world.submit({ priority: 7 })
  const { deps, reserved, released } = withSlots()
  const claim = await claimIfFree(deps, snapshot, stored(snapshot))
  expect(claim.events.map(({ kind }) => kind)).toEqual(['run.claimed', 'step.started'])
  expect(claim.snapshot.run).toMatchObject({ state: 'running', attempt: 1 })
  const lane = { place: 'cloud:default', priority: 7, ownerId: 'user-1', agentId: 'agent-1' }
  expect(reserved).toEqual([lane])
  expect(claim.launch).toMatchObject({ slot: { lane }, prepared: { firstCall: {} } })
  expect(released).toEqual([])
})

test('a run that may not start yet takes no slot, and takes one at that very instant', async () => {
  const notBefore = world.clock.now() + 1_000
  const snapshot = await world.submit({ notBefore })
  const { deps, reserved } = withSlots()
  world.clock.advance(999)
  const claim = await claimIfFree(deps, snapshot, stored(snapshot))
  expect(claim).toEqual({ snapshot, events: [], launch: undefined })
  expect(reserved).toEqual([])
  world.clock.advance(1)
  expect((await claimIfFree(deps, snapshot, stored(snapshot))).launch).toBeDefined()
})

test('a run for a machine of its user takes no slot of this server', async () => {
  const { task, run } = await world.submit()
  const snapshot: TaskSnapshot = { task, run: { ...run, place: 'machine:m1' } }
  const { deps, reserved } = withSlots()
  expect((await claimIfFree(deps, snapshot, stored(snapshot))).launch).toBeUndefined()
  expect(reserved).toEqual([])
})

test('a claim that fails gives its slot back', async () => {
  const snapshot = await world.submit()
  const readEvents = () => Promise.reject(new Error('unreadable'))
  const { deps, reserved, released } = withSlots({ store: { ...world.store, readEvents } })
  await expect(claimIfFree(deps, snapshot, stored(snapshot))).rejects.toThrow('unreadable')
  expect(released).toEqual(reserved.map((lane) => ({ lane })))
  expect(released).toHaveLength(1)
})
