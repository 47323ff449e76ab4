import type { PageQuery } from '../api/native/contract/agent.ts'
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
import { type Connection, type RequestParts, requestJson, sendRequest } from './send-request.ts'

/** The calls about keys, users and teams. Most of them are for administrators. */
export function createIdentityCalls(connection: Connection) {
  const list = <Page>(path: string, query: PageQuery) => requestJson<Page>(connection, { path, query })
  const send = <View>(method: RequestParts['method'] & string, path: string, body: unknown) =>
    requestJson<View>(connection, { method, path, body })
  return {
    /** Creates a key. Only this response holds the whole of it. */
    createKey: (body: CreateKey) => send<CreatedKey>('POST', '/keys', body),
    listKeys: (query: PageQuery = {}) => list<KeyPage>('/keys', query),
    async revokeKey(id: string): Promise<void> {
      await sendRequest(connection, { method: 'DELETE', path: `/keys/${encodeURIComponent(id)}` })
    },
    createUser: (body: CreateUser) => send<UserView>('POST', '/users', body),
    listUsers: (query: PageQuery = {}) => list<UserPage>('/users', query),
    readUser: (id: string) => requestJson<UserView>(connection, { path: `/users/${encodeURIComponent(id)}` }),
    updateUser: (id: string, body: UpdateUser) => send<UserView>('PATCH', `/users/${encodeURIComponent(id)}`, body),
    createTeam: (body: CreateTeam) => send<TeamView>('POST', '/teams', body),
    listTeams: (query: PageQuery = {}) => list<TeamPage>('/teams', query),
    readTeam: (id: string) => requestJson<TeamView>(connection, { path: `/teams/${encodeURIComponent(id)}` }),
    updateTeam: (id: string, body: UpdateTeam) => send<TeamView>('PATCH', `/teams/${encodeURIComponent(id)}`, body),
  }
}
