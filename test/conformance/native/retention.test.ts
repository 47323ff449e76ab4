import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TaskView } from '../../../src/api/native/contract/task.ts'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const absent = '00000000-0000-7000-8000-000000000000'

describe('the contents of a task', () => {
  test('are kept for as long as its policy says', async () => {
    const task = await world.runTask({ input: 'say x' })
    const days = (Date.parse(task.purge_at ?? '') - Date.parse(task.ended_at ?? '')) / 86_400_000
    expect([days, task.purged_at, task.hold]).toEqual([365, null, null])
  })

  test('are gone for good after a purge; the journal and the statements stay', async () => {
    const task = await world.runTask({
      input: 'write secret-word to a.txt then say secret-word',
      metadata: { of: 'secret-word' },
    })
    const before = await world.readEvents(task.id)
    const purged = await world.call('POST', `/v1/tasks/${task.id}/purge`)
    expect(purged.statusCode, purged.body).toBe(200)
    expect(purged.json()).toMatchObject({ state: 'succeeded', input: null, result: null, purge_at: null })
    expect(purged.json<TaskView>().purged_at).not.toBeNull()
    const after = await world.readEvents(task.id)
    expect(JSON.stringify([purged.json(), after])).not.toContain('secret-word')
    expect(after.slice(0, before.length).map(({ seq, type }) => [seq, type])).toEqual(
      before.map(({ seq, type }) => [seq, type]),
    )
    expect(after.at(-1)).toMatchObject({ type: 'task.purged', data: { by: world.admin.user.id, reason: 'request' } })
    const { statements } = (await world.call('GET', `/v1/tasks/${task.id}/statements`)).json()
    expect(statements.length).toBeGreaterThan(1)
    const again = await world.call('POST', `/v1/tasks/${task.id}/purge`)
    expect(again.json()).toEqual(purged.json())
  })

  test('stay while the task is held, and while it has not ended', async () => {
    const task = await world.runTask({ input: 'say x' })
    const held = await world.call('PUT', `/v1/tasks/${task.id}/hold`, { reason: 'Case 7' })
    expect([held.statusCode, held.json().hold], held.body).toEqual([200, 'Case 7'])
    const refused = await world.call('POST', `/v1/tasks/${task.id}/purge`)
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'task_held'])
    const lifted = await world.call('DELETE', `/v1/tasks/${task.id}/hold`)
    expect([lifted.statusCode, lifted.json().hold]).toEqual([200, null])
    expect((await world.call('DELETE', `/v1/tasks/${task.id}/hold`)).json()).toEqual(lifted.json())
    expect((await world.readEvents(task.id)).slice(-2)).toMatchObject([
      { type: 'task.hold_placed', data: { by: world.admin.user.id, reason: 'Case 7' } },
      { type: 'task.hold_lifted', data: { by: world.admin.user.id } },
    ])
    expect((await world.call('POST', `/v1/tasks/${task.id}/purge`)).statusCode).toBe(200)
    const waiting = (await world.call('POST', '/v1/tasks', { input: 'x', not_before: '2100-01-01T00:00:00Z' })).json()
    const busy = await world.call('POST', `/v1/tasks/${waiting.id}/purge`)
    expect([busy.statusCode, busy.json().code]).toEqual([409, 'task_busy'])
  })

  test('are purged by the owner, held by administrators', async () => {
    const owner = await world.addCaller('operator')
    const { id } = await world.runTask({ input: 'say x', visibility: 'public' }, owner)
    const code = async (method: 'POST' | 'PUT' | 'DELETE', verb: string, caller: typeof owner, body?: object) =>
      (await world.call(method, `/v1/tasks/${id}/${verb}`, body, caller)).json().code
    for (const role of ['operator', 'approver', 'auditor', 'viewer'] as const) {
      const caller = await world.addCaller(role)
      expect(await code('POST', 'purge', caller), role).toBe('role_forbidden')
      expect(await code('PUT', 'hold', caller, { reason: 'x' }), role).toBe('role_forbidden')
      expect(await code('DELETE', 'hold', caller), role).toBe('role_forbidden')
    }
    expect(await code('PUT', 'hold', owner, { reason: 'x' })).toBe('role_forbidden')
    expect(await code('POST', 'purge', owner)).toBeUndefined()
  })

  test('of somebody else look like those of a task that is not there', async () => {
    const { id } = await world.runTask({ input: 'say x' })
    const stranger = await world.addCaller('operator')
    const ask = async (name: string) => (await world.call('POST', `/v1/tasks/${name}/purge`, undefined, stranger)).body
    expect(await ask(id)).toBe(await ask(absent))
    for (const method of ['PUT', 'DELETE'] as const) {
      const answer = await world.call(
        method,
        `/v1/tasks/${absent}/hold`,
        method === 'PUT' ? { reason: 'x' } : undefined,
      )
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'task_not_found'])
    }
  })

  test.each([
    [{}, 'reason'],
    [{ reason: '' }, 'reason'],
    [{ reason: '  ' }, 'reason'],
    [{ reason: 'x'.repeat(501) }, 'reason'],
    [{ reason: 'x', until: 'y' }, 'until'],
  ])('are not held with %j', async (body, field) => {
    const { id } = await world.runTask({ input: 'say x' })
    const answer = await world.call('PUT', `/v1/tasks/${id}/hold`, body)
    expect([answer.statusCode, answer.json().errors?.[0].field], answer.body).toEqual([422, field])
  })
})
