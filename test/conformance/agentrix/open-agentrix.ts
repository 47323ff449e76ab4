import type { ChatView } from '../../../src/api/dialects/agentrix/contract/chat.ts'
import type { StartedTask, TaskView } from '../../../src/api/dialects/agentrix/contract/task.ts'
import { type Caller, createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { until } from '../../support/until.ts'

export type AgentrixWorld = Awaited<ReturnType<typeof openAgentrix>>

/** A server with an Agentrix key: its calls speak Agentrix at the paths of its own API. */
export async function openAgentrix(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const caller = await world.addCaller('operator', { dialect: 'agentrix' })
  const call = callsOf(world, caller)
  const agentId = `agent-${world.agent.id}`
  const makeChat = async (): Promise<ChatView> => {
    const answer = await call('POST', '/v1/agentrix/chats', { members: [{ memberCode: agentId, type: 'agent' }] })
    if (answer.statusCode !== 201) throw new Error(`No chat was made: ${answer.body}`)
    return answer.json()
  }
  const chat = await makeChat()
  return {
    ...world,
    caller,
    agentId,
    chat,
    call,
    callAs: (as: Caller) => callsOf(world, as),
    /** A task of the same user that ended, submitted over the native API. */
    async runNative(input: string): Promise<string> {
      const { id } = await world.runTask({ input }, await world.addCaller('operator', { userId: caller.user.id }))
      return id
    },
    /** Starts a cloud task whose message is this. */
    async start(content: string, over: object = {}): Promise<StartedTask> {
      const message = { role: 'user', content }
      const body = { chatId: chat.id, cloudId: 'cloud-default', message, ...over }
      const answer = await call('POST', '/v1/agentrix/tasks/start', body)
      if (answer.statusCode !== 201) throw new Error(`No task was started: ${answer.body}`)
      return answer.json()
    },
    /** The task once it is in this state. */
    reaches: (taskId: string, state: TaskView['state']) =>
      until(`${taskId} to be ${state}`, async () => {
        const task: TaskView = (await call('GET', `/v1/tasks/${taskId}`)).json()
        return task.state === state && task
      }),
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

function callsOf({ app }: World, caller: Caller) {
  return (method: Method, url: string, body?: object) =>
    app.inject({ method, url, headers: caller.headers, ...(body !== undefined && { payload: body }) })
}
