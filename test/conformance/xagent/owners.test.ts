import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Caller } from '../../support/create-world.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

/** `caller` uses a public agent of the administrator's with a key of their own. */
let xagent: Xagent
beforeEach(async () => {
  xagent = await openXagent()
})
afterEach(() => xagent.world.close())

const natively = (method: 'GET' | 'POST', path: string, who: Caller, body?: unknown) =>
  xagent.world.call(method, `/mandate${path}`, body, who)

describe("a task that was submitted with another user's key", () => {
  test("belongs to the agent's user and that user's team, and keeps on record whose key it was", async () => {
    const { world, submit, coreTask, caller } = xagent
    const team = (await world.call('POST', '/v1/teams', { name: 'red' })).json()
    await world.call('PATCH', `/v1/users/${world.admin.user.id}`, { team_id: team.id })
    const id = await submit('say hi')
    const { task, run } = await coreTask(id)
    expect(task).toMatchObject({
      ownerId: world.admin.user.id,
      teamId: team.id,
      submitter: { userId: caller.user.id, keyId: caller.keyId },
    })
    expect(run.ownerId).toBe(world.admin.user.id)
    // What it may do follows from who asked, not from whose it is.
    expect(run.config.principal).toEqual({ user: caller.user.id, team: null, role: 'operator' })
    const [submitted] = await world.deps.store.readEvents(task.id, 0, 1)
    expect(submitted?.facts).toMatchObject({ submitted_by: { user: caller.user.id, key: caller.keyId } })
    const listed = (await world.call('GET', '/v1/tasks')).json().tasks
    expect(listed.map(({ number }: { number: number }) => number)).toEqual([id])
  })

  test('is read and gone on with by that key, and by keys of the agent’s user, and by no other', async () => {
    const { world, submit, append, call, taskThatIs, addAgentCaller, bodyOf, caller } = xagent
    const id = await submit('say hi')
    await taskThatIs('completed', id)
    const ofOwner = await addAgentCaller(world.agent.id, { userId: world.admin.user.id })
    const ofCaller = await addAgentCaller(world.agent.id, { userId: caller.user.id })
    const url = `/v1/chat/tasks/${id}`
    for (const path of ['', '/steps', '/events']) {
      expect((await call('GET', url + path)).statusCode, path).toBe(200)
      expect((await call('GET', url + path, undefined, ofOwner)).statusCode, path).toBe(200)
      expect((await call('GET', url + path, undefined, ofCaller)).statusCode, path).toBe(404)
    }
    expect((await append(id, 'say more')).statusCode).toBe(202)
    await taskThatIs('completed', id)
    expect((await call('POST', `${url}/messages`, bodyOf('say x'), ofOwner)).statusCode).toBe(202)
    expect((await call('POST', `${url}/messages`, bodyOf('say x'), ofCaller)).statusCode).toBe(404)
  })

  test('is not steered, shared or purged by that key, and by the agent’s user it is', async () => {
    const { world, submit, coreTask, caller } = xagent
    const { task } = await coreTask(await submit('wait 60 seconds'))
    const at = `/v1/tasks/${task.id}`
    expect((await natively('GET', at, caller)).json()).toMatchObject({ id: task.id, owner: world.admin.user.id })
    expect((await natively('POST', `${at}/messages`, caller, { input: 'and then say hi' })).statusCode).toBe(202)
    for (const verb of ['stop', 'resume', 'cancel', 'purge']) {
      const answer = await natively('POST', `${at}/${verb}`, caller)
      expect([answer.statusCode, answer.json().code], verb).toEqual([403, 'role_forbidden'])
    }
    expect((await natively('GET', '/v1/tasks', caller)).json().tasks).toEqual([])
    expect((await world.call('POST', `${at}/cancel`)).json().state).toBe('cancelled')
  })
})
