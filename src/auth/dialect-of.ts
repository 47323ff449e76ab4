import type { Dialect, Principal } from '../domain/principal.ts'
import { dialectOfCredential } from './api-key.ts'
import { looksLikeJwt } from './verify-jwt.ts'

/**
 * The dialect of a request, known before its body is read. `certior_or_neo` stands for a request to the one path that
 * two dialects share, where nothing tells them apart: it is refused with a body that both can read.
 */
export type RequestDialect = Dialect | 'certior_or_neo'

const mounts: Readonly<Record<string, Dialect>> = {
  mandate: 'native',
  xagent: 'xagent',
  certior: 'certior',
  neo: 'neo',
  agentrix: 'agentrix',
  shinzo: 'shinzo',
}

/**
 * The owners of paths. The first line that covers a path decides; a line covers its path and everything below it. A
 * third element is a dialect that shares the path and is spoken where the credential was issued for it.
 */
const owners: readonly (readonly [path: string, owner: Dialect, sharer?: Dialect])[] = [
  ['/v1/tasks', 'agentrix', 'native'],
  ['/v1/chats', 'agentrix'],
  ['/v1/auth', 'agentrix'],
  ['/v1/machines', 'agentrix'],
  ['/v1/private-clouds', 'agentrix'],
  ['/v1/agentrix', 'agentrix'],
  ['/socket.io', 'agentrix'],
  ['/v1/agents', 'xagent', 'native'],
  ['/v1/me', 'xagent', 'native'],
  ['/v1/chat', 'xagent'],
  ['/v1/templates', 'xagent'],
  ['/v1/workforces', 'xagent'],
  ['/api/agents', 'xagent'],
  ['/api/me', 'xagent'],
  ['/api/v1/executions', 'certior'],
  ['/api/v1/compliance', 'certior'],
  ['/api/v1/workflows', 'certior'],
  ['/api/v1/auth', 'certior'],
  ['/api/v1/agents/user', 'neo'],
  ['/api/v1/agents', 'certior'],
  ['/ws/executions', 'certior'],
  ['/tickets', 'certior'],
  ['/api/v1', 'neo'],
  ['/v1/agent', 'shinzo'],
  ['/v1/webhooks/triggers', 'shinzo'],
  ['/agent', 'shinzo'],
  ['/auth', 'shinzo'],
]

/** The mount at the beginning of a path (`/mandate/v1/tasks`), or undefined. */
export function mountOf(path: string): { readonly dialect: Dialect; readonly rest: string } | undefined {
  const end = path.indexOf('/', 1)
  if (end < 0) return undefined
  const word = path.slice(1, end)
  const dialect = Object.hasOwn(mounts, word) ? mounts[word] : undefined
  return dialect && { dialect, rest: path.slice(end) }
}

/**
 * The dialect that a request speaks, and so whose refusals it gets. An explicit mount decides first, then the owner of
 * the path, whatever the credential looks like. Only where a path has two owners, the dialect of the credential decides
 * between them. `path` is as the client sent it, and its query is ignored. A path without an owner is native.
 */
export function dialectOf(method: string, path: string, issued: Dialect | undefined): RequestDialect {
  const mount = mountOf(path)
  if (mount !== undefined) return mount.dialect
  const bare = barePath(path)
  if (bare === '/api/v1/tasks' && method !== 'GET' && method !== 'HEAD') {
    return issued === 'certior' || issued === 'neo' ? issued : 'certior_or_neo'
  }
  const line = owners.find(
    ([start]) => bare.startsWith(start) && (bare.length === start.length || bare[start.length] === '/'),
  )
  if (line === undefined) return 'native'
  const [, owner, sharer] = line
  return issued !== undefined && issued === sharer ? sharer : owner
}

/** The path without its query and without slashes at its end. */
function barePath(path: string): string {
  const query = path.search(/[?#]/u)
  let end = query < 0 ? path.length : query
  while (end > 1 && path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/**
 * The dialect that a credential was issued for, by its form alone. A JSON web token is Neo's. Undefined for every other
 * form.
 */
export function issuedDialect(credential: string | undefined): Dialect | undefined {
  if (credential === undefined) return undefined
  return dialectOfCredential(credential) ?? (looksLikeJwt(credential) ? 'neo' : undefined)
}

/**
 * Whether this caller's credential opens anything at `path` in this dialect. A key opens the paths of the dialect that
 * it was issued for, and every path under an explicit mount. A JSON web token belongs to no dialect. The one key that
 * is not stored may reach the path that two dialects share, where it is asked to name one.
 */
export function opensDialect({ dialect, keyId, token }: Principal, spoken: RequestDialect, path: string): boolean {
  if (dialect === spoken || token !== undefined || mountOf(path) !== undefined) return true
  return spoken === 'certior_or_neo' && keyId === null
}
