import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleAgent } from '../../../test/support/sample-identities.ts'
import {
  claimed,
  continuation,
  oneStepRun,
  type SampleOptions,
  sampleAt,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Task } from '../../domain/task.ts'
import type { PageRequest, Store, TaskFilter } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

async function submitAll(store: Store, options: readonly SampleOptions[]): Promise<string[]> {
  const ids: string[] = []
  for (const wish of options) {
    const sample = sampleTask(wish)
    await store.commit(submission(sample))
    ids.push(sample.task.id)
  }
  return ids
}

const all: PageRequest = { limit: 1_000 }

async function listed(store: Store, filter: TaskFilter, page = all): Promise<string[]> {
  return (await store.listTasks(filter, page)).map(({ id }) => id)
}

export function describeListing(withStore: WithStore): void {
  describe('a list of tasks', () => {
    test(
      'is newest first, and goes on after the last number of the page before',
      withStore(async (store) => {
        const ids = await submitAll(
          store,
          Array.from({ length: 7 }, () => ({})),
        )
        const seen: string[] = []
        let page: PageRequest = { limit: 3 }
        for (;;) {
          const tasks: Task[] = await store.listTasks({}, page)
          seen.push(...tasks.map(({ id }) => id))
          const last = tasks.at(-1)
          if (last === undefined) break
          page = { limit: 3, before: { number: last.number } }
        }
        expect(seen).toEqual(ids.toReversed())
      }),
    )

    test(
      'holds one’s own and what one’s team is shown, and nothing else',
      withStore(async (store) => {
        const team = { ownerId: 'bob', teamId: 'red' }
        const [own, , shown, open] = await submitAll(store, [
          { ownerId: 'ada', teamId: 'red' },
          { ...team, visibility: 'private' },
          { ...team, visibility: 'team' },
          { ...team, visibility: 'public' },
          { ...team, visibility: 'unlisted' },
          { ownerId: 'eve', teamId: 'blue', visibility: 'team' },
          { ownerId: 'eve', visibility: 'public' },
        ])
        expect(await listed(store, { ownerId: 'ada' })).toEqual([own])
        expect(await listed(store, { ownerId: 'ada', teamId: 'red' })).toEqual([open, shown, own])
        expect(await listed(store, { teamId: 'red' })).toEqual([open, shown])
        expect(await listed(store, {})).toHaveLength(7)
        expect(await listed(store, { visibilities: ['public'] })).toHaveLength(2)
        expect(await listed(store, { visibilities: [] })).toEqual([])
      }),
    )

    test(
      'can be narrowed by state, agent, parent, dialect and time',
      withStore(async (store) => {
        const [parent] = await submitAll(store, [{}])
        const ids = await submitAll(store, [
          { agentId: 'agent-2', at: sampleAt + 1 },
          { parentId: parent ?? '', at: sampleAt + 2 },
          { dialect: 'neo', at: sampleAt + 3 },
        ])
        const sample = sampleTask({ at: sampleAt + 4 })
        await store.commit(submission(sample))
        const claim = continuation(sample, [claimed(sample.run.id, 1)])
        await store.commit(claim.commit)
        expect(await listed(store, { states: ['running'] })).toEqual([sample.task.id])
        await store.commit(oneStepRun(claim.after).commit)
        expect(await listed(store, { states: ['succeeded'] })).toEqual([sample.task.id])
        expect(await listed(store, { states: ['succeeded', 'queued'] })).toHaveLength(5)
        expect(await listed(store, { states: ['running', 'failed'] })).toEqual([])
        expect(await listed(store, { states: [] })).toEqual([])
        expect(await listed(store, { agentId: 'agent-2' })).toEqual([ids[0]])
        expect(await listed(store, { parentId: parent ?? '' })).toEqual([ids[1]])
        expect(await listed(store, { dialect: 'neo' })).toEqual([ids[2]])
        expect(await listed(store, { createdFrom: sampleAt + 1, createdBefore: sampleAt + 3 })).toEqual([
          ids[1],
          ids[0],
        ])
      }),
    )

    test(
      'can be narrowed by metadata: each given name has that value, and of that type',
      withStore(async (store) => {
        const odd = { 'a.b': 1, 'quo"te': 'x', "it's": null, '$[0]': true, '': 'empty' }
        const [one, two, three] = await submitAll(store, [
          { metadata: { ticket: 'A-1', count: 1, tags: ['x', 'y'] } },
          { metadata: { ticket: 'A-1', count: '1', flag: true } },
          { metadata: odd },
        ])
        expect(await listed(store, { metadata: { ticket: 'A-1' } })).toEqual([two, one])
        expect(await listed(store, { metadata: { ticket: 'A-1', count: 1 } })).toEqual([one])
        expect(await listed(store, { metadata: { count: '1' } })).toEqual([two])
        expect(await listed(store, { metadata: { flag: 1 } })).toEqual([])
        expect(await listed(store, { metadata: { flag: true } })).toEqual([two])
        expect(await listed(store, { metadata: { tags: ['x', 'y'] } })).toEqual([one])
        for (const [name, value] of Object.entries(odd)) {
          expect(await listed(store, { metadata: { [name]: value } }), name).toEqual([three])
        }
        expect(await listed(store, { metadata: { absent: null } })).toEqual([])
      }),
    )

    test(
      'shows, changes and purges what is nested however deeply, and finds others beside it',
      withStore(async (store) => {
        const deep: JsonObject = JSON.parse(`${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`)
        const [shallow = '', id = ''] = await submitAll(store, [
          { metadata: { a: 1 } },
          { metadata: deep, extension: { kept: deep, private: deep }, runExtension: deep },
        ])
        expect(await listed(store, {})).toEqual([id, shallow])
        expect(await listed(store, { metadata: { a: 1 } })).toEqual([shallow])
        const { task, run } = (await store.readSnapshot(id)) ?? {}
        expect(JSON.stringify(task?.metadata)).toBe(JSON.stringify(deep))
        expect(JSON.stringify(task?.extension)).toBe(JSON.stringify({ kept: deep, private: deep }))
        expect(JSON.stringify(run?.config.extension)).toBe(JSON.stringify(deep))
        const saved = { title: 'Deep', visibility: 'private', metadata: { a: deep } } as const
        await store.commit({ write: [{ kind: 'save_task', task: id, ...saved }] })
        expect(JSON.stringify((await store.readTask(id))?.metadata)).toBe(JSON.stringify({ a: deep }))
        await store.commit({ write: [{ kind: 'purge_contents', task: id }] })
        const purged = await store.readSnapshot(id)
        expect(purged?.task).toMatchObject({ title: '[purged content]', metadata: {} })
        expect(Object.keys(purged?.task.extension ?? {})).toEqual(['kept'])
        expect(purged?.run.config.extension).toEqual({})
      }),
    )

    test(
      'finds any metadata by what was put (property)',
      withStore(async (store) => {
        const names = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__proto__')
        const values = fc.oneof(
          fc.string(),
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        )
        await fc.assert(
          fc.asyncProperty(names, values, async (name, value) => {
            const metadata = JSON.parse(JSON.stringify({ [name]: value }))
            const [id] = await submitAll(store, [{ metadata, ownerId: `${name} ${value}` }])
            expect(await listed(store, { metadata, ownerId: `${name} ${value}` })).toContain(id)
          }),
        )
      }),
    )
  })

  describe('agents', () => {
    test(
      'are read, changed, and gone when deleted, while their tasks keep their id',
      withStore(async (store) => {
        const agent = sampleAgent({ instructions: 'sha256:1' })
        await store.commit({ write: [{ kind: 'insert_agent', agent }] })
        const read = await store.readAgent(agent.id)
        expect(read).toEqual({ ...agent, number: expect.any(Number) })
        const changed = {
          ...agent,
          name: 'Other',
          tools: [],
          state: 'error',
          failures: 3,
          updatedAt: sampleAt + 9,
        } as const
        await store.commit({ write: [{ kind: 'save_agent', agent: changed }] })
        expect(await store.readAgent(agent.id)).toEqual({ ...changed, number: read?.number })
        const [task] = await submitAll(store, [{ agentId: agent.id }])
        await store.commit({ write: [{ kind: 'delete_agent', agent: agent.id }] })
        expect(await store.readAgent(agent.id)).toBeUndefined()
        expect(await store.readAgentByNumber(read?.number ?? 0)).toBeUndefined()
        expect(await store.listAgents({}, all)).toEqual([])
        expect(await store.readTask(task ?? '')).toMatchObject({ agentId: agent.id })
        expect(await store.countTasks(agent.id)).toEqual({ total: 1, active: 1 })
      }),
    )

    test(
      'are listed newest first: one’s own, the team’s, and public ones where asked for, each once',
      withStore(async (store) => {
        const agents = [
          sampleAgent({ ownerId: 'ada', teamId: 'red', visibility: 'public' }),
          sampleAgent({ ownerId: 'bob', teamId: 'red', visibility: 'team' }),
          sampleAgent({ ownerId: 'bob', teamId: 'red', visibility: 'public' }),
          sampleAgent({ ownerId: 'bob', teamId: 'red' }),
          sampleAgent({ ownerId: 'eve', visibility: 'public', state: 'paused' }),
        ]
        for (const agent of agents) await store.commit({ write: [{ kind: 'insert_agent', agent }] })
        const seen = async (...filter: Parameters<Store['listAgents']>) =>
          (await store.listAgents(...filter)).map(({ id }) => agents.findIndex((agent) => agent.id === id))
        expect(await seen({ ownerId: 'ada' }, all)).toEqual([0])
        expect(await seen({ ownerId: 'ada', teamId: 'red' }, all)).toEqual([2, 1, 0])
        expect(await seen({ ownerId: 'ada', teamId: 'red', withPublic: true }, all)).toEqual([4, 2, 1, 0])
        expect(await seen({ ownerId: 'ada', withPublic: true }, all)).toEqual([4, 2, 0])
        expect(await seen({}, { limit: 2 })).toEqual([4, 3])
        expect(await seen({ state: 'paused' }, all)).toEqual([4])
        const third = await store.readAgent(agents[2]?.id ?? '')
        expect(await seen({}, { limit: 2, before: { number: third?.number ?? 0 } })).toEqual([1, 0])
      }),
    )

    test(
      'know how many tasks they have, and how many of those have not ended',
      withStore(async (store) => {
        const sample = sampleTask()
        await store.commit(submission(sample))
        await submitAll(store, [{}, { agentId: 'agent-2' }])
        const claim = continuation(sample, [claimed(sample.run.id, 1)])
        await store.commit(claim.commit)
        expect(await store.countTasks('agent-1')).toEqual({ total: 2, active: 2 })
        await store.commit(oneStepRun(claim.after).commit)
        expect(await store.countTasks('agent-1')).toEqual({ total: 2, active: 1 })
        expect(await store.countTasks('agent-3')).toEqual({ total: 0, active: 0 })
      }),
    )
  })
}
