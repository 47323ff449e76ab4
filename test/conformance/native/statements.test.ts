import { afterEach, describe, expect, test } from 'vitest'
import type { StatementPage, StatementView } from '../../../src/api/native/contract/statement.ts'
import type { CommitOutcome } from '../../../src/store/commit.ts'
import type { Store } from '../../../src/store/store.ts'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  return world
}
afterEach(() => world.close())

const absent = `sha256:${'0'.repeat(64)}`
const nowhere = '00000000-0000-7000-8000-000000000000'
const statementsOf = async (id: string, query = '') =>
  (await world.call('GET', `/v1/tasks/${id}/statements${query}`)).json<StatementPage>()

describe('the statements of a task', () => {
  test('say of each action that it was authorised and what came of it, signed and in the log', async () => {
    await open()
    const task = await world.runTask({ input: 'write x to a.txt then say done' })
    const { statements, has_more } = await statementsOf(task.id)
    expect(statements.slice(0, 2).map(({ kind }) => kind)).toEqual(['certificate', 'settlement'])
    expect(has_more).toBe(false)
    const events = await world.readEvents(task.id)
    const decided = events.find(({ type }) => type === 'action.decided')?.data
    expect(decided).toMatchObject({ statement: statements[0]?.digest, inputs: { tool: 'write_file', granted: ['*'] } })
    expect(statements[0]).toMatchObject({
      task: task.id,
      run: task.run.id,
      leaf_index: 0,
      log_id: world.deps.notary.logId,
      statement: {
        _type: 'https://in-toto.io/Statement/v1',
        predicateType: 'urn:mandate:certificate:v1',
        predicate: { task: task.id, tool: 'write_file', previous: null },
      },
      envelope: { payloadType: 'application/vnd.in-toto+json' },
    })
    const byDigest = await world.call('GET', `/v1/statements/${statements[0]?.digest}`)
    expect(byDigest.json()).toEqual(statements[0])
  })

  test('are read page by page', async () => {
    await open()
    const task = await world.runTask({ input: 'write x to a.txt then write y to b.txt then say done' })
    const all = (await statementsOf(task.id)).statements
    expect(all.length).toBeGreaterThanOrEqual(4)
    const first = await statementsOf(task.id, '?limit=3')
    expect([first.statements, first.has_more]).toEqual([all.slice(0, 3), true])
    const rest = await statementsOf(task.id, `?after=${all[2]?.leaf_index}&limit=200`)
    expect([rest.statements, rest.has_more]).toEqual([all.slice(3), false])
    const tooMany = await world.call('GET', `/v1/tasks/${task.id}/statements?limit=201`)
    expect(tooMany.json()).toMatchObject({ status: 422, limit: 'page_size_max' })
  })

  test('of somebody else look like those of a task that is not there', async () => {
    await open()
    const task = await world.runTask({ input: 'write x to a.txt' })
    const [statement] = (await statementsOf(task.id)).statements
    const stranger = await world.addCaller('operator')
    const ask = async (method: 'GET' | 'POST', url: string) => {
      const { statusCode, body } = await world.call(method, url, undefined, stranger)
      return [statusCode, body]
    }
    const digest = statement?.digest
    expect(await ask('GET', `/v1/tasks/${task.id}/statements`)).toEqual(
      await ask('GET', `/v1/tasks/${nowhere}/statements`),
    )
    expect(await ask('GET', `/v1/statements/${digest}`)).toEqual(await ask('GET', `/v1/statements/${absent}`))
    expect(await ask('POST', `/v1/statements/${digest}/revoke`)).toEqual(
      await ask('POST', `/v1/statements/${absent}/revoke`),
    )
    expect((await ask('GET', `/v1/statements/nonsense`))[0]).toBe(404)
    const auditor = await world.addCaller('auditor')
    expect((await world.call('GET', `/v1/statements/${digest}`, undefined, auditor)).statusCode).toBe(200)
    const refused = await world.call('POST', `/v1/statements/${digest}/revoke`, undefined, auditor)
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_forbidden'])
  })
})

describe('a certificate', () => {
  test('that is revoked before its action begins stops the action, and the revocation is in the log', async () => {
    let revoked: Awaited<ReturnType<World['call']>> | undefined
    const wrapStore = (store: Store): Store => ({
      ...store,
      async commit(commit): Promise<CommitOutcome> {
        const outcome = await store.commit(commit)
        const made = commit.write.flatMap((write) => (write.kind === 'add_statements' ? write.statements : []))
        const certificate = made.find(({ kind }) => kind === 'certificate')
        // Its action begins when this has answered.
        if (certificate !== undefined) revoked = await world.call('POST', `/v1/statements/${certificate.digest}/revoke`)
        return outcome
      },
    })
    await open({ wrapStore })
    const task = await world.runTask({ input: 'write x to a.txt' })
    expect(revoked?.statusCode, revoked?.body).toBe(200)
    const revocation = revoked?.json<StatementView>()
    const predicate = { by: world.admin.user.id, task: task.id }
    expect(revocation).toMatchObject({ kind: 'revocation', statement: { predicate } })
    const { statements } = await statementsOf(task.id)
    expect(statements).toContainEqual(revocation)
    const events = await world.readEvents(task.id)
    expect(events.find(({ type }) => type === 'action.revoked')?.data).toMatchObject({
      by: world.admin.user.id,
      certificate: statements.find(({ kind }) => kind === 'certificate')?.digest,
    })
    expect(events.find(({ type }) => type === 'action.settled')?.data).toMatchObject({ outcome: 'denied' })
    expect((await world.call('GET', `/v1/tasks/${task.id}/files`)).json().files).toEqual([])
  })

  test('whose action has begun cannot be revoked any more', async () => {
    await open()
    const task = await world.runTask({ input: 'write x to a.txt' })
    const [certificate, settlement] = (await statementsOf(task.id)).statements
    const answer = await world.call('POST', `/v1/statements/${certificate?.digest}/revoke`)
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'certificate_used'])
    const other = await world.call('POST', `/v1/statements/${settlement?.digest}/revoke`)
    expect([other.statusCode, other.json().code]).toEqual([404, 'statement_not_found'])
  })
})

describe('the log', () => {
  test('proves that a statement is in it, and that it has only grown', async () => {
    await open()
    const task = await world.runTask({ input: 'write x to a.txt' })
    const earlier = (await world.call('GET', '/v1/log/head')).json()
    expect(earlier).toMatchObject({ log_id: world.deps.notary.logId, size: expect.any(Number) })
    await world.runTask({ input: 'write y to b.txt' })
    const head = (await world.call('GET', '/v1/log/head')).json()
    expect(head.size).toBeGreaterThan(earlier.size)
    const [statement] = (await statementsOf(task.id)).statements
    const byDigest = (await world.call('GET', `/v1/log/inclusion?statement=${statement?.digest}`)).json()
    expect(byDigest).toMatchObject({ leaf_index: 0, leaf: statement?.leaf, size: head.size, root: head.root, head })
    expect((await world.call('GET', '/v1/log/inclusion?leaf_index=0')).json()).toEqual(byDigest)
    const small = (await world.call('GET', '/v1/log/inclusion?leaf_index=0&size=1')).json()
    expect(small).toMatchObject({ root: statement?.leaf, proof: [] })
    const grown = (await world.call('GET', `/v1/log/consistency?from=${earlier.size}`)).json()
    expect(grown).toMatchObject({ from_root: earlier.root, to: head.size, to_root: head.root })
    expect(grown.proof.length).toBeGreaterThan(0)
    const viewer = await world.addCaller('viewer')
    expect((await world.call('GET', '/v1/log/head', undefined, viewer)).json()).toEqual(head)
  })

  test.each([
    ['inclusion', 422],
    ['inclusion?leaf_index=99', 422],
    ['inclusion?leaf_index=0&size=99', 422],
    ['inclusion?statement=nonsense', 422],
    [`inclusion?statement=${absent}`, 404],
    ['inclusion?leaf_index=0&log_id=other', 422],
    ['consistency', 422],
    ['consistency?from=2&to=1', 422],
    ['consistency?from=1&to=99', 422],
    ['consistency?from=-1', 422],
    ['head?log_id=other', 422],
  ])('answers %s with %i', async (path, status) => {
    await open()
    await world.runTask({ input: 'write x to a.txt' })
    const answer = await world.call('GET', `/v1/log/${path}`)
    expect(answer.statusCode, answer.body).toBe(status)
  })
})

describe('the signing keys', () => {
  test('are published for everybody, and another signs after a rotation', async () => {
    await open()
    const published = async () => (await world.app.inject('/.well-known/mandate-keys.json')).json()
    const before = await published()
    expect(before).toEqual({
      log_id: world.deps.notary.logId,
      keys: [
        {
          key_id: world.deps.notary.keyring.current.keyId,
          alg: 'Ed25519',
          public_key: Buffer.from(world.deps.notary.keyring.current.publicKey).toString('base64'),
          created_at: expect.any(String),
          retired_at: null,
        },
      ],
    })
    const rotated = await world.call('POST', '/v1/keys/rotate-signing')
    expect(rotated.statusCode, rotated.body).toBe(200)
    const { rotation, ...keys } = rotated.json()
    expect(await published()).toEqual(keys)
    expect(keys.keys).toHaveLength(2)
    expect(keys.keys[0]).toMatchObject({ key_id: before.keys[0].key_id, retired_at: expect.any(String) })
    expect(rotation).toMatchObject({ kind: 'rotation', task: null })
    expect(rotation.envelope.signatures.map(({ keyid }: { keyid: string }) => keyid)).toEqual(
      keys.keys.map(({ key_id }: { key_id: string }) => key_id),
    )
    const viewer = await world.addCaller('viewer')
    expect((await world.call('GET', `/v1/statements/${rotation.digest}`, undefined, viewer)).json()).toEqual(rotation)
    const task = await world.runTask({ input: 'write x to a.txt' })
    const [certificate] = (await statementsOf(task.id)).statements
    expect(certificate?.envelope.signatures[0]?.keyid).toBe(keys.keys[1].key_id)
  })

  test('are rotated by administrators only', async () => {
    await open()
    for (const role of ['operator', 'approver', 'auditor', 'viewer'] as const) {
      const answer = await world.call('POST', '/v1/keys/rotate-signing', undefined, await world.addCaller(role))
      expect([answer.statusCode, answer.json().code], role).toEqual([403, 'role_forbidden'])
    }
    expect((await world.call('POST', '/v1/keys/rotate-signing', { alg: 'RSA' })).statusCode).toBe(422)
  })
})
