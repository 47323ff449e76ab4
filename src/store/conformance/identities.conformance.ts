import { describe, expect, test } from 'vitest'
import { sampleKey, sampleTeam, sampleUser } from '../../../test/support/sample-identities.ts'
import { claimed, continuation, sampleAt, sampleTask, submission } from '../../../test/support/sample-tasks.ts'
import type { PageRequest } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const all: PageRequest = { limit: 100 }

export function describeIdentities(withStore: WithStore): void {
  describe('users, teams and keys', () => {
    test(
      'are read and changed',
      withStore(async (store) => {
        const team = sampleTeam({ webhookUrl: 'https://example.org/hook' })
        const user = sampleUser({ email: 'ada@example.org', teamId: team.id })
        const key = sampleKey({ userId: user.id, agentId: 'agent-1', role: 'auditor', dialect: 'neo' })
        await store.commit({
          write: [
            { kind: 'insert_team', team },
            { kind: 'insert_user', user },
            { kind: 'insert_key', key },
          ],
        })
        expect(await store.readTeam(team.id)).toEqual(team)
        expect(await store.readUser(user.id)).toEqual(user)
        expect(await store.readKey(key.id)).toEqual(key)
        expect(await store.readKeyByPrefix(key.prefix)).toEqual(key)
        const changed = {
          team: { ...team, name: 'Ops', defaultModel: 'm' },
          user: { ...user, teamId: null, defaultProvider: 'p' },
          key: { ...key, revokedAt: sampleAt + 1 },
        }
        await store.commit({
          write: [
            { kind: 'save_team', team: changed.team },
            { kind: 'save_user', user: changed.user },
            { kind: 'save_key', key: changed.key },
          ],
        })
        expect(await store.readTeam(team.id)).toEqual(changed.team)
        expect(await store.readUser(user.id)).toEqual(changed.user)
        expect(await store.readKeyByPrefix(key.prefix)).toEqual(changed.key)
      }),
    )

    test(
      'that are absent are undefined',
      withStore(async (store) => {
        expect(await store.readUser('x')).toBeUndefined()
        expect(await store.readTeam('x')).toBeUndefined()
        expect(await store.readKey('x')).toBeUndefined()
        expect(await store.readKeyByPrefix('x')).toBeUndefined()
        expect(await store.readSetting('x')).toBeUndefined()
        expect(await store.readIdempotency('x', 'y')).toBeUndefined()
      }),
    )

    test(
      'are listed newest first, in pages, also those made in the same millisecond',
      withStore(async (store) => {
        const users = [1, 2, 2, 2, 3].map((at) => sampleUser({ createdAt: sampleAt + at }))
        const teams = users.map(({ createdAt }) => sampleTeam({ createdAt }))
        const keys = users.map(({ createdAt }, at) => sampleKey({ createdAt, userId: at % 2 === 0 ? 'even' : 'odd' }))
        await store.commit({
          write: [
            ...users.map((user) => ({ kind: 'insert_user', user }) as const),
            ...teams.map((team) => ({ kind: 'insert_team', team }) as const),
            ...keys.map((key) => ({ kind: 'insert_key', key }) as const),
          ],
        })
        const lists = [
          { made: users, list: (page: PageRequest) => store.listUsers(page) },
          { made: teams, list: (page: PageRequest) => store.listTeams(page) },
          { made: keys, list: (page: PageRequest) => store.listKeys(undefined, page) },
          { made: keys.filter((_, at) => at % 2 === 0), list: (page: PageRequest) => store.listKeys('even', page) },
        ]
        for (const { made, list } of lists) {
          const ids = made.toReversed().map(({ id }) => id)
          expect((await list(all)).map(({ id }) => id)).toEqual(ids)
          const [first, second] = await list({ limit: 2 })
          expect([first?.id, second?.id]).toEqual(ids.slice(0, 2))
          const before = { createdAt: second?.createdAt ?? 0, id: second?.id ?? '' }
          expect((await list({ limit: 100, before })).map(({ id }) => id)).toEqual(ids.slice(2))
        }
      }),
    )
  })

  describe('what is remembered', () => {
    test(
      'an idempotency key knows which events of a task came with it',
      withStore(async (store) => {
        const sample = sampleTask()
        const { id } = sample.task
        const remember = (key: string, events: number) =>
          ({
            kind: 'remember_idempotency',
            request: { ownerId: 'ada', key, requestDigest: 'd', createdAt: sampleAt },
            outcome: { task: { id, events } },
          }) as const
        const begun = submission(sample)
        await store.commit({ ...begun, write: [remember('first', sample.events.length), ...begun.write] })
        const lastSeq = sample.events.length
        const { commit } = continuation(sample, [claimed(sample.run.id, 1)])
        await store.commit({ ...commit, write: [...commit.write, remember('second', 1)] })
        const tasks = [await store.readIdempotency('ada', 'first'), await store.readIdempotency('ada', 'second')]
        expect(tasks.map((known) => known?.task)).toEqual([
          { id, afterSeq: 0, lastSeq },
          { id, afterSeq: lastSeq, lastSeq: lastSeq + 1 },
        ])
      }),
    )

    test(
      'an idempotency key is found until it is forgotten',
      withStore(async (store) => {
        const remember = (key: string, createdAt: number) =>
          ({
            kind: 'remember_idempotency',
            request: { ownerId: 'ada', key, requestDigest: `d-${key}`, createdAt },
            outcome: { made: { id: key, list: [1, null] } },
          }) as const
        await store.commit({ write: [remember('old', sampleAt), remember('new', sampleAt + 1)] })
        expect(await store.readIdempotency('ada', 'old')).toEqual({
          requestDigest: 'd-old',
          made: { id: 'old', list: [1, null] },
        })
        expect(await store.readIdempotency('bob', 'old')).toBeUndefined()
        await store.commit({ write: [{ kind: 'forget_idempotency', before: sampleAt + 1 }] })
        expect(await store.readIdempotency('ada', 'old')).toBeUndefined()
        expect(await store.readIdempotency('ada', 'new')).toEqual({
          requestDigest: 'd-new',
          made: { id: 'new', list: [1, null] },
        })
      }),
    )

    test(
      'a setting is the last value that was put',
      withStore(async (store) => {
        await store.commit({ write: [{ kind: 'put_setting', name: 'default_agent', value: 'one' }] })
        await store.commit({ write: [{ kind: 'put_setting', name: 'default_agent', value: 'two' }] })
        expect(await store.readSetting('default_agent')).toBe('two')
      }),
    )
  })
}
