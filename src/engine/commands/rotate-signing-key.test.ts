import { afterEach, expect, test } from 'vitest'
import { closingOf, openSigned } from '../../../test/support/closing-world.ts'
import { createLogWorld } from '../../../test/support/log-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { Refusal } from '../../domain/refusal.ts'
import { checkSignatures, openStatement } from '../../proof/signed-statement.ts'
import type { Store } from '../../store/store.ts'
import { closeRunsOf } from '../services/close-run.ts'
import { rotateSigningKey, stateRotation } from './rotate-signing-key.ts'

const admin = {
  userId: 'admin-1',
  teamId: null,
  role: 'admin',
  dialect: 'native',
  agentId: null,
  keyId: null,
} as const

const closes: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
})

async function open(options: Parameters<typeof createLogWorld>[0] = {}) {
  const world = await createLogWorld(options)
  closes.push(world.close)
  return world
}

/** A store that is ill for as long as it is told. */
function createIllStore() {
  const state = { ill: false }
  const wrapStore = (store: Store): Store => ({
    ...store,
    commit: async (commit) => {
      if (state.ill) throw new Refusal('storage_unavailable', 'the disk is full')
      return await store.commit(commit)
    },
  })
  return { state, wrapStore }
}

test('a rotation is stated in the log, signed by the key that goes and the one that comes', async () => {
  const world = await open()
  const before = world.deps.notary.keyring.current
  world.clock.advance(1_000)
  const statement = await rotateSigningKey(world.deps, admin)
  const { keyring } = world.deps.notary
  expect(keyring.current.keyId).not.toBe(before.keyId)
  expect(keyring.keys).toMatchObject([
    { key_id: before.keyId, retired_at: world.clock.now() },
    { key_id: keyring.current.keyId, retired_at: null },
  ])
  const logged = await world.store.listUnownedStatements()
  expect(logged).toMatchObject([{ ...statement, task: null, logId: world.deps.notary.logId, leafIndex: 0 }])
  expect(logged.map((one) => openSigned(world.deps.notary, one))).toMatchObject([
    { kind: 'rotation', from: { key_id: before.keyId }, to: { key_id: keyring.current.keyId } },
  ])
})

test('only an administrator rotates the keys', async () => {
  const world = await open()
  await expect(rotateSigningKey(world.deps, world.owner)).rejects.toMatchObject({ code: 'role_forbidden' })
  await expect(rotateSigningKey(world.deps, { ...admin, agentId: 'agent-1' })).rejects.toMatchObject({
    code: 'role_forbidden',
  })
  expect(world.deps.notary.keyring.keys).toHaveLength(1)
})

test('a run that is under way signs with the new key from then on, and all of it is verified', async () => {
  const tool = createScriptedTool('note', async ({ text }) => {
    if (text === 'b') await rotateSigningKey(world.deps, admin)
    return 'ok'
  })
  const note = (text: string) => ({ tool: 'note', input: { text } })
  const world = await open({ steps: [{ calls: [note('a'), note('b'), note('c')] }, { text: 'done' }], tools: [tool] })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  await closeRunsOf(world.deps, task.id)
  const statements = await world.store.listStatements(task.id)
  const keyIds = statements.map((one) => {
    const statement = openSigned(world.deps.notary, one)
    return 'key_id' in statement ? statement.key_id : ''
  })
  const [old, next] = world.deps.notary.keyring.keys.map(({ key_id }) => key_id)
  expect(keyIds).toEqual([old, old, old, next, next, next, next])
  expect((await closingOf(world, run)).statements.count).toBe(6)
  expect(world.openHead(await world.deps.logKeeper.cover())).toMatchObject({ keyId: next, size: 8 })
})

test('who trusts the first key only can follow the rotations to the last', async () => {
  const world = await open()
  const first = world.deps.notary.keyring.current
  await rotateSigningKey(world.deps, admin)
  await rotateSigningKey(world.deps, admin)
  const trusted = new Map([[first.keyId, first.publicKey]])
  for (const { envelope } of await world.store.listUnownedStatements()) {
    const opened = openStatement(envelope)
    if ('problem' in opened || opened.statement.kind !== 'rotation') throw new Error('It is no rotation.')
    expect(checkSignatures(opened, (keyId) => trusted.get(keyId))).toBeUndefined()
    trusted.set(opened.statement.to.key_id, Buffer.from(opened.statement.to.public_key, 'base64'))
  }
  expect([...trusted.keys()]).toEqual(world.deps.notary.keyring.keys.map(({ key_id }) => key_id))
})

test('a rotation that a crash left unstated is stated at the next start, once', async () => {
  const world = await open()
  await world.deps.signingKeys.rotate(world.clock.now()) // and then it was killed
  world.clock.advance(5_000)
  const stated = await stateRotation(world.deps)
  expect(await stateRotation(world.deps)).toBeUndefined()
  expect(await world.store.listUnownedStatements()).toMatchObject([{ digest: stated?.digest }])
})

test('where there was no rotation, or it was stated, nothing is stated at the start', async () => {
  const world = await open()
  expect(await stateRotation(world.deps)).toBeUndefined()
  await rotateSigningKey(world.deps, admin)
  expect(await stateRotation(world.deps)).toBeUndefined()
})

test('a rotation that could not be stated is stated before the next one', async () => {
  const { state, wrapStore } = createIllStore()
  const world = await open({ wrapStore })
  state.ill = true
  await expect(rotateSigningKey(world.deps, admin)).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(rotateSigningKey(world.deps, admin)).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(world.deps.notary.keyring.keys).toHaveLength(2)
  state.ill = false
  await rotateSigningKey(world.deps, admin)
  const stated = (await world.store.listUnownedStatements()).map((one) => openSigned(world.deps.notary, one))
  const ids = world.deps.notary.keyring.keys.map(({ key_id }) => key_id)
  expect(stated).toMatchObject([
    { from: { key_id: ids[0] }, to: { key_id: ids[1] } },
    { from: { key_id: ids[1] }, to: { key_id: ids[2] } },
  ])
})

test('rotations at once make one key after another, each stated once', async () => {
  const world = await open()
  await Promise.all([1, 2, 3].map(() => rotateSigningKey(world.deps, admin)))
  const stated = (await world.store.listUnownedStatements()).map((one) => openSigned(world.deps.notary, one))
  const to = stated.map((statement) => (statement.kind === 'rotation' ? statement.to.key_id : ''))
  expect(to.sort()).toEqual(
    world.deps.notary.keyring.keys
      .slice(1)
      .map(({ key_id }) => key_id)
      .sort(),
  )
})
