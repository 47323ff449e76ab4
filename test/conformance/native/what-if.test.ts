import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ limits: { what_if_actions_max: 50 } })
})
afterEach(() => world.close())

const read = (ending: string) => readFileSync(new URL(`../../../policies/default.${ending}`, import.meta.url), 'utf8')
const cedar = read('cedar')
const document = { ...JSON.parse(read('json')), name: 'mine' }
const ask = async (body: object, caller = world.admin) => world.call('POST', '/v1/policies/what-if', body, caller)

describe('what if', () => {
  test('lists each decision that would be another one under a policy that is only thought of', async () => {
    const forbidWriting = `${cedar}\n@id("no_writing") forbid (principal, action == Action::"write", resource);`
    const task = await world.runTask({ input: 'write x to a.txt then read a.txt then say done' })
    const answer = await ask({ document, cedar: forbidWriting })
    expect(answer.statusCode, answer.body).toBe(200)
    const decided = (await world.readEvents(task.id)).find(({ type }) => type === 'action.decided')
    expect(answer.json()).toEqual({
      examined: 2,
      unreadable: 0,
      changes: [
        {
          task: task.id,
          task_number: task.number,
          run: task.run.id,
          action: decided?.data && 'action' in decided.data ? decided.data.action : '',
          tool: 'write_file',
          at: decided?.at,
          was: 'allow',
          would: 'deny',
          rules: ['policy:no_writing'],
          reason: expect.any(String),
        },
      ],
      has_more: false,
      next_cursor: null,
    })
    expect((await world.call('GET', '/v1/policies')).json().policies).toHaveLength(4)
  })

  test('changes nothing under the policy that decided, and takes it by its name', async () => {
    await world.runTask({ input: 'write x to a.txt' })
    expect((await ask({ policy: 'default' })).json()).toMatchObject({ examined: 1, changes: [] })
    expect((await ask({ policy: 'default', since: '2100-01-01T00:00:00Z' })).json()).toMatchObject({ examined: 0 })
  })

  test('goes on where it left off', async () => {
    await world.runTask({ input: 'write x to a.txt then write y to b.txt then write z to c.txt' })
    const first = (await ask({ policy: 'default', limit: 2 })).json()
    expect(first).toMatchObject({ examined: 2, has_more: true })
    const second = (await ask({ policy: 'default', limit: 2, cursor: first.next_cursor })).json()
    expect(second).toMatchObject({ examined: 1, has_more: false, next_cursor: null })
  })

  test("looks at the caller's own tasks, at everybody's for roles that read everything", async () => {
    const caller = await world.addCaller('operator')
    await world.runTask({ input: 'write x to a.txt' })
    await world.runTask({ input: 'write x to a.txt' }, caller)
    const examined = async (who: typeof caller) => (await ask({ policy: 'default' }, who)).json().examined
    expect(await examined(caller)).toBe(1)
    expect(await examined(await world.addCaller('auditor'))).toBe(2)
  })

  test.each([
    [{}, 422, 'invalid_input', 'policy'],
    [{ policy: 'default', cedar }, 422, 'invalid_input', 'policy'],
    [{ document }, 422, 'invalid_input', 'cedar'],
    [{ policy: 'default', limit: 51 }, 422, 'invalid_input', 'limit'],
    [{ policy: 'default', limit: 0 }, 422, 'invalid_input', 'limit'],
    [{ policy: 'default', since: 'lately' }, 422, 'invalid_input', 'since'],
    [{ policy: 'default', cursor: 'x' }, 422, 'invalid_input', 'cursor'],
    [{ policy: 'none' }, 404, 'policy_not_found', undefined],
    [{ document: {}, cedar }, 422, 'policy_invalid', 'document:1:1'],
  ])('%j is %i %s, naming %s', async (body, status, code, field) => {
    const answer = await ask(body)
    expect([answer.statusCode, answer.json().code, answer.json().errors?.[0].field], answer.body).toEqual([
      status,
      code,
      field,
    ])
  })
})
