import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogWorld, type LogWorld } from '../../../test/support/log-world.ts'
import { digestNamed } from '../../../test/support/sample-statements.ts'
import { settingNames } from '../../domain/setting-names.ts'
import { verifyConsistency, verifyInclusion } from '../../proof/verify-merkle.ts'
import { rotateSigningKey } from '../commands/rotate-signing-key.ts'
import { openLog } from '../services/open-log.ts'
import { proveConsistency, proveInclusion, readLogHead } from './read-log.ts'

const admin = {
  userId: 'admin-1',
  teamId: null,
  role: 'admin',
  dialect: 'native',
  agentId: null,
  keyId: null,
} as const

let world: LogWorld
beforeAll(async () => {
  world = await createLogWorld()
  for (let i = 0; i < 13; i += 1) {
    await rotateSigningKey(world.deps, admin)
    if (i === 6) await world.deps.logKeeper.cover()
  }
})
afterAll(() => world.close())

const fieldOf = (field: string) => ({ code: 'invalid_input', fields: [{ field }] })

test('a head that is asked for covers what was committed before', async () => {
  const { digest } = await rotateSigningKey(world.deps, admin)
  const head = world.openHead(await readLogHead(world.deps))
  expect((await world.store.readStatement(digest))?.leafIndex).toBe(head.size - 1)
})

test('every leaf is proven to be in the tree of every size that has it', async () => {
  const { size } = await readLogHead(world.deps)
  for (let leafIndex = 0; leafIndex < size; leafIndex += 1) {
    for (let of = leafIndex + 1; of <= size; of += 1) {
      const { leaf, root, proof } = await proveInclusion(world.deps, { leafIndex, size: of })
      expect(verifyInclusion({ leaf, index: leafIndex, size: of, proof, root })).toBe(true)
    }
  }
})

test('a statement is proven by its digest to be under the newest head', async () => {
  const statement = await rotateSigningKey(world.deps, admin)
  const {
    leaf,
    leafIndex: index,
    size,
    proof,
    head,
  } = await proveInclusion(world.deps, { statement: statement.digest })
  expect(leaf).toBe(statement.leaf)
  const { root } = world.openHead(head)
  expect(size).toBe(head.size)
  expect(verifyInclusion({ leaf, index, size, proof, root })).toBe(true)
  expect(verifyInclusion({ leaf: '0'.repeat(64), index, size, proof, root })).toBe(false)
})

test('the tree of any size is proven to begin with that of any smaller one', async () => {
  const { size } = await readLogHead(world.deps)
  for (let to = 0; to <= size; to += 1) {
    for (let from = 0; from <= to; from += 1) {
      const { fromRoot, toRoot, proof } = await proveConsistency(world.deps, { from, to })
      expect(verifyConsistency({ from, to, proof, fromRoot, toRoot })).toBe(true)
    }
  }
})

test('a proof of consistency goes to the newest head where no size is named', async () => {
  const { head, to, toRoot } = await proveConsistency(world.deps, { from: 3 })
  expect({ size: to, root: toRoot }).toEqual({ size: head.size, root: world.openHead(head).root })
})

test('what is not there is refused with what is allowed', async () => {
  const { size } = await readLogHead(world.deps)
  const inclusion = (request: Parameters<typeof proveInclusion>[1]) => proveInclusion(world.deps, request)
  await expect(inclusion({ statement: digestNamed('none') })).rejects.toMatchObject({ code: 'statement_not_found' })
  await expect(inclusion({})).rejects.toMatchObject(fieldOf('leaf_index'))
  await expect(inclusion({ leafIndex: size })).rejects.toMatchObject(fieldOf('leaf_index'))
  await expect(inclusion({ leafIndex: -1 })).rejects.toMatchObject(fieldOf('leaf_index'))
  await expect(inclusion({ leafIndex: 3, size: 3 })).rejects.toMatchObject(fieldOf('size'))
  await expect(inclusion({ leafIndex: 3, size: size + 1 })).rejects.toThrow(`from 4 to ${size}`)
  await expect(inclusion({ leafIndex: 0, logId: 'log-0' })).rejects.toMatchObject(fieldOf('log_id'))
  await expect(proveConsistency(world.deps, { from: 2, to: 1 })).rejects.toMatchObject(fieldOf('from'))
  await expect(proveConsistency(world.deps, { from: 0, to: size + 1 })).rejects.toMatchObject(fieldOf('to'))
  await expect(proveConsistency(world.deps, { from: 0.5 })).rejects.toMatchObject(fieldOf('from'))
})

test('the log is gone on with, unless a restore asks for another; all of the one before stays provable', async () => {
  const other = await createLogWorld()
  try {
    const { deps, store } = other
    const former = deps.notary.logId
    const covered = await rotateSigningKey(deps, admin)
    expect(await readLogHead(deps)).toMatchObject({ size: 1 })
    const late = await rotateSigningKey(deps, admin)
    expect(await openLog({ ...deps, keyring: deps.notary.keyring })).toBe(former)

    await store.commit({ write: [{ kind: 'put_setting', name: settingNames.newLogWanted, value: '1' }] })
    const logId = await openLog({ ...deps, keyring: deps.notary.keyring })
    expect(logId).not.toBe(former)
    expect(await openLog({ ...deps, keyring: deps.notary.keyring })).toBe(logId)
    Object.assign(deps.notary, { logId })
    const first = await rotateSigningKey(deps, admin)
    expect(await readLogHead(deps)).toMatchObject({ logId, size: 1, root: first.leaf })

    const head = await readLogHead(deps, former)
    expect(head).toMatchObject({ logId: former, size: 2 })
    const kept = await proveInclusion(deps, { statement: covered.digest })
    expect(kept).toMatchObject({ logId: former, leafIndex: 0, head })
    expect(await proveInclusion(deps, { statement: late.digest })).toMatchObject({ logId: former, leafIndex: 1, head })
    expect(await proveInclusion(deps, { leafIndex: 0, logId: former })).toEqual(kept)
  } finally {
    await other.close()
  }
})
