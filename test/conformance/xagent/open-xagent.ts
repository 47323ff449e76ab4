import type { Agent } from '../../../src/domain/agent.ts'
import type { ApiKey } from '../../../src/domain/identity.ts'
import type { Role } from '../../../src/domain/principal.ts'
import { type Caller, createWorld, type WorldOptions } from '../../support/create-world.ts'
import { until } from '../../support/until.ts'

/** A world and a caller whose Xagent key is bound to the demo agent. */
export async function openXagent(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const { store, randomness, clock } = world.deps
  const numberOf = async (id: string) => (await store.readAgent(id))?.number ?? 0
  const addAgentCaller = (agentId: string, over: Partial<ApiKey> = {}, role: Role = 'operator') =>
    world.addCaller(role, { dialect: 'xagent', agentId, ...over })
  /** Another agent, by default one that all may use. */
  const addAgent = async (over: Partial<Agent> = {}): Promise<Agent> => {
    const now = clock.now()
    const agent = { ...world.agent, id: randomness.newId(), name: 'other', createdAt: now, updatedAt: now, ...over }
    await store.commit({ write: [{ kind: 'insert_agent', agent }] })
    return { ...agent, number: await numberOf(agent.id) }
  }
  const caller = await addAgentCaller(world.agent.id)
  const agentNumber = await numberOf(world.agent.id)

  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, who: Caller = caller) =>
    world.app.inject({
      method,
      url,
      headers: who.headers,
      ...(body !== undefined && { payload: body as object }),
    })
  const bodyOf = (content: string, more: object = {}) => ({ agent_id: agentNumber, message: { content }, ...more })
  const submit = async (content: string, more: object = {}): Promise<number> => {
    const answer = await call('POST', '/v1/chat/tasks', bodyOf(content, more))
    if (answer.statusCode !== 202) throw new Error(`Not accepted: ${answer.statusCode} ${answer.body}`)
    return answer.json().task_id
  }
  const append = (task: number, content: string, more: object = {}) =>
    call('POST', `/v1/chat/tasks/${task}/messages`, bodyOf(content, more))
  const read = async (task: number) => (await call('GET', `/v1/chat/tasks/${task}`)).json()
  /** The task, once it has this status. */
  const taskThatIs = (status: string, task: number) =>
    until(`task ${task} to be ${status}`, async () => {
      const view = await read(task)
      return view.status === status && view
    })
  const steps = async (task: number) => (await call('GET', `/v1/chat/tasks/${task}/steps`)).json().steps
  const coreTask = async (task: number) => {
    const found = await store.readTaskByNumber(task)
    const snapshot = found && (await store.readSnapshot(found.id))
    if (snapshot === undefined) throw new Error(`There is no task ${task}.`)
    return snapshot
  }
  return {
    world,
    caller,
    agentNumber,
    call,
    bodyOf,
    submit,
    append,
    read,
    taskThatIs,
    steps,
    coreTask,
    addAgent,
    addAgentCaller,
  }
}

export type Xagent = Awaited<ReturnType<typeof openXagent>>
