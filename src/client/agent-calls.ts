import type { AgentPage, AgentQuery, AgentView, CreateAgent, UpdateAgent } from '../api/native/contract/agent.ts'
import type { ToolList } from '../api/native/contract/tool.ts'
import { type Connection, requestJson, sendRequest } from './send-request.ts'

/** The calls about agents. An agent is named by its id or its number. */
export function createAgentCalls(connection: Connection) {
  const post = (id: string, verb: string) =>
    requestJson<AgentView>(connection, { method: 'POST', path: `${agentPath(id)}/${verb}`, body: {} })
  return {
    listAgents: (query: AgentQuery = {}) => requestJson<AgentPage>(connection, { path: '/agents', query }),
    listTools: () => requestJson<ToolList>(connection, { path: '/tools' }),
    readAgent: (id: string) => requestJson<AgentView>(connection, { path: agentPath(id) }),
    createAgent: (body: CreateAgent) => requestJson<AgentView>(connection, { method: 'POST', path: '/agents', body }),
    /** Changes only the properties of `body`. Queued runs keep the configuration that they were frozen with. */
    updateAgent: (id: string, body: UpdateAgent) =>
      requestJson<AgentView>(connection, { method: 'PATCH', path: agentPath(id), body }),
    async deleteAgent(id: string): Promise<void> {
      await sendRequest(connection, { method: 'DELETE', path: agentPath(id) })
    },
    pauseAgent: (id: string) => post(id, 'pause'),
    resumeAgent: (id: string) => post(id, 'resume'),
    stopAgent: (id: string) => post(id, 'stop'),
  }
}

function agentPath(id: string): string {
  return `/agents/${encodeURIComponent(id)}`
}
