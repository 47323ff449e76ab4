import { type Caller, createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { until } from '../../support/until.ts'

export type Shinzo = Awaited<ReturnType<typeof openShinzo>>

export const anyTaskId = /^tsk_[0-9a-f]{32}$/u
export const anyInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u

/** A server in this process and somebody with a Shinzo key who owns an agent. */
export async function openShinzo(options: WorldOptions = {}) {
  const world: World = await createWorld(options)
  const caller = await world.addCaller('operator', { dialect: 'shinzo' })
  const { randomness, store, clock } = world.deps
  const addAgent = async (over: Partial<World['agent']> = {}): Promise<World['agent']> => {
    const at = clock.now()
    const own = {
      ownerId: caller.user.id,
      visibility: 'private' as const,
      name: 'worker',
      createdAt: at,
      updatedAt: at,
    }
    const agent = { ...world.agent, ...own, id: randomness.newId(), number: 0, ...over }
    await store.commit({ write: [{ kind: 'insert_agent', agent }] })
    return agent
  }
  const agent = await addAgent()
  const call = (method: 'GET' | 'POST', url: string, body?: unknown, who: Caller = caller) =>
    world.app.inject({ method, url, headers: who.headers, ...(body !== undefined && { payload: body as object }) })
  /** Submits and answers with the path of the task. */
  const submit = async (body: object, agentId = agent.id, who: Caller = caller): Promise<string> => {
    const answer = await call('POST', `/agent/request/${agentId}`, body, who)
    if (answer.statusCode !== 202) throw new Error(`Not accepted: ${answer.statusCode} ${answer.body}`)
    return `/agent/${agentId}/task/${answer.json().task_id}`
  }
  /** The task, once it has this status. */
  const taskThatIs = (status: string, path: string, who?: Caller) =>
    until(`${path} to be ${status}`, async () => {
      const task = (await call('GET', path, undefined, who)).json()
      return task.status === status && task
    })
  return { world, caller, agent, addAgent, call, submit, taskThatIs }
}

/** The core's id of the task with this path. */
export function coreIdOf(path: string): string {
  const digits = path.split('tsk_')[1] ?? ''
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5')
}
