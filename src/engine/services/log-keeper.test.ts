import { afterEach, expect, test } from 'vitest'
import { createLogWorld, type LogWorld } from '../../../test/support/log-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { SignedHead } from '../../domain/statement.ts'
import { emptyTreeHash, treeHash } from '../../proof/merkle.ts'
import type { Store } from '../../store/store.ts'
import { rotateSigningKey } from '../commands/rotate-signing-key.ts'
import { createLogKeeper } from './log-keeper.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const admin = {
  userId: 'admin-1',
  teamId: null,
  role: 'admin',
  dialect: 'native',
  agentId: null,
  keyId: null,
} as const

/** A world with a keeper; `add` puts so many statements into its log. */
async function open(wrapStore?: (store: Store) => Store) {
  const signed: SignedHead[] = []
  let looks = 0
  const signals = {
    signed: (head: SignedHead) => signed.push(head),
    polled() {
      looks += 1
    },
  }
  const world = await createLogWorld(wrapStore === undefined ? {} : { wrapStore }, signals)
  stops.push(world.close)
  return {
    ...world,
    signed,
    async look() {
      const before = looks
      world.clock.advance(500)
      await world.clock.until(() => looks > before)
    },
  }
}

async function add(world: LogWorld, count: number) {
  for (let left = count; left > 0; left -= 1) await rotateSigningKey(world.deps, admin)
}

async function rootOfLeaves({ store, deps }: LogWorld, size: number) {
  return treeHash(await store.listLeaves(deps.notary.logId, 0, size))
}

test('a new leaf is under a signed head within a second', async () => {
  const world = await open()
  world.deps.logKeeper.start()
  stops.push(world.deps.logKeeper.stop)
  world.clock.advance(499)
  await add(world, 1)
  const committedAt = world.clock.now()
  await world.look()
  const [head] = world.signed
  expect(world.openHead(head as SignedHead)).toMatchObject({ logId: world.deps.notary.logId, size: 1 })
  expect((head?.at ?? 0) - committedAt).toBeLessThanOrEqual(1_000)
  expect(await world.store.readLogHead(world.deps.notary.logId)).toEqual(head)
})

test('every head has the root over all leaves before it, however many came at once', async () => {
  const world = await open()
  for (const count of [1, 2, 1, 5, 3, 8, 13]) {
    await add(world, count)
    const head = await world.deps.logKeeper.cover()
    expect(head.root).toBe(await rootOfLeaves(world, head.size))
  }
  expect(world.signed.map(({ size }) => size)).toEqual([1, 3, 4, 9, 12, 20, 33])
})

test('while nothing is new, nothing is signed', async () => {
  const world = await open()
  await add(world, 1)
  world.deps.logKeeper.start()
  stops.push(world.deps.logKeeper.stop)
  for (let look = 0; look < 5; look += 1) await world.look()
  expect(await world.deps.logKeeper.cover()).toEqual(world.signed[0])
  expect(world.signed).toHaveLength(1)
})

test('a log without leaves has a head too, where one is asked for', async () => {
  const world = await open()
  const head = world.openHead(await world.deps.logKeeper.cover())
  expect(head).toMatchObject({ size: 0, root: emptyTreeHash })
})

test('a keeper that is new goes on from the head on disk', async () => {
  const world = await open()
  await add(world, 5)
  await world.deps.logKeeper.cover()
  await add(world, 6)
  const heads: SignedHead[] = []
  const next = createLogKeeper(world.deps, { signed: (head) => heads.push(head) })
  await next.stop()
  expect(heads).toMatchObject([{ size: 11, root: await rootOfLeaves(world, 11) }])
})

test('heads that are asked for at once cover what was committed before each was asked for', async () => {
  const hold = Promise.withResolvers<void>()
  const holding = Promise.withResolvers<void>()
  let holds = false
  const world = await open((store) => ({
    ...store,
    async commit(commit) {
      if (holds && commit.write[0]?.kind === 'put_log_head') {
        holding.resolve()
        await hold.promise
      }
      return await store.commit(commit)
    },
  }))
  await add(world, 1)
  holds = true
  const first = world.deps.logKeeper.cover()
  await holding.promise
  await add(world, 1)
  const second = world.deps.logKeeper.cover()
  const third = world.deps.logKeeper.cover()
  hold.resolve()
  expect((await first).size).toBe(1)
  expect((await second).size).toBe(2)
  expect(await third).toEqual(await second)
})

test('a head that the disk did not take is signed at the next look', async () => {
  let ill = true
  const world = await open((store) => ({
    ...store,
    async commit(commit) {
      if (ill && commit.write[0]?.kind === 'put_log_head') throw new Error('the disk is full')
      return await store.commit(commit)
    },
  }))
  await add(world, 1)
  world.deps.logKeeper.start()
  stops.push(world.deps.logKeeper.stop)
  await world.look()
  expect(world.signed).toEqual([])
  ill = false
  await world.look()
  expect(world.signed).toMatchObject([{ size: 1 }])
})

test('what is stopped covers what is there, and looks no more', async () => {
  const world = await open()
  world.deps.logKeeper.start()
  await add(world, 3)
  await world.deps.logKeeper.stop()
  expect(world.signed).toMatchObject([{ size: 3 }])
  expect(world.clock.waiting).toBe(0)
})

test('the statements of runs are leaves, in the order in which they were committed', async () => {
  const tool = createScriptedTool('note', () => 'ok')
  const world = await createLogWorld({
    steps: [{ calls: [{ tool: 'note', input: { text: 'x' } }] }, { text: 'done' }],
    tools: [tool],
  })
  stops.push(world.close)
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  const statements = await world.store.listStatements(task.id)
  const { logId } = world.deps.notary
  expect(statements.map(({ kind }) => kind)).toEqual(['certificate', 'settlement'])
  expect(await world.store.listLeaves(logId, 0, 10)).toEqual(statements.map(({ leaf }) => leaf))
  expect((await world.deps.logKeeper.cover()).size).toBe(2)
})
