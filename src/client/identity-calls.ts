import type {
  AgentPage,
  AgentQuery,
  AgentView,
  CreateAgent,
  PageQuery,
  UpdateAgent,
} from '../api/native/contract/agent.ts'
import type {
  CreatedKey,
  CreateKey,
  CreateTeam,
  CreateUser,
  KeyPage,
  TeamPage,
  TeamView,
  UpdateTeam,
  UpdateUser,
  UserPage,
  UserView,
} from '../api/native/contract/identity.ts'
import type { ToolList } from '../api/native/contract/tool.ts'
import { type Connection, type RequestOptions, requestJson, type Sendable, sendRequest } from './send-request.ts'

/** The calls about keys, users and teams. Most of them are for administrators. */
export function createIdentityCalls(connection: Connection) {
  const list = <Page>(path: string, query: Sendable<PageQuery>) => requestJson<Page>(connection, { path, query })
  const send = <View>(method: RequestOptions['method'] & string, path: string, body: unknown) =>
    requestJson<View>(connection, { method, path, body })
  return {
    /** Creates a key. Only this response holds the whole of it. */
    createKey: (body: Sendable<CreateKey>) => send<CreatedKey>('POST', '/keys', body),
    listKeys: (query: Sendable<PageQuery> = {}) => list<KeyPage>('/keys', query),
    async revokeKey(id: string): Promise<void> {
      await sendRequest(connection, { method: 'DELETE', path: `/keys/${encodeURIComponent(id)}` })
    },
    createUser: (body: Sendable<CreateUser>) => send<UserView>('POST', '/users', body),
    listUsers: (query: Sendable<PageQuery> = {}) => list<UserPage>('/users', query),
    readUser: (id: string) => requestJson<UserView>(connection, { path: `/users/${encodeURIComponent(id)}` }),
    updateUser: (id: string, body: Sendable<UpdateUser>) =>
      send<UserView>('PATCH', `/users/${encodeURIComponent(id)}`, body),
    createTeam: (body: Sendable<CreateTeam>) => send<TeamView>('POST', '/teams', body),
    listTeams: (query: Sendable<PageQuery> = {}) => list<TeamPage>('/teams', query),
    readTeam: (id: string) => requestJson<TeamView>(connection, { path: `/teams/${encodeURIComponent(id)}` }),
    updateTeam: (id: string, body: Sendable<UpdateTeam>) =>
      send<TeamView>('PATCH', `/teams/${encodeURIComponent(id)}`, body),
  }
}

/** The calls about agents. An agent is named by its id or its number. */
export function createAgentCalls(connection: Connection) {
  const post = (id: string, verb: string) =>
    requestJson<AgentView>(connection, { method: 'POST', path: `${agentPath(id)}/${verb}`, body: {} })
  return {
    listAgents: (query: Sendable<AgentQuery> = {}) => requestJson<AgentPage>(connection, { path: '/agents', query }),
    listTools: () => requestJson<ToolList>(connection, { path: '/tools' }),
    readAgent: (id: string) => requestJson<AgentView>(connection, { path: agentPath(id) }),
    createAgent: (body: Sendable<CreateAgent>) =>
      requestJson<AgentView>(connection, { method: 'POST', path: '/agents', body }),
    /** Changes only the properties of `body`. Queued runs keep the configuration that they were frozen with. */
    updateAgent: (id: string, body: Sendable<UpdateAgent>) =>
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
