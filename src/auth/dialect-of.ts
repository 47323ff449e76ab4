import type { Dialect } from '../domain/principal.ts'
import { dialectOfCredential } from './api-key.ts'
import { looksLikeJwt } from './verify-jwt.ts'

/**
 * Whose words a request speaks, known before its body is read. `certior_or_neo` is the one path that two dialects share
 * where nothing tells them apart: it is refused with a body that both can read.
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

/** The first that covers a path owns it; a line covers its path and what lies below. */
const owners: readonly (readonly [path: string, owner: Dialect])[] = [
  ['/v1/tasks', 'agentrix'],
  ['/v1/chats', 'agentrix'],
  ['/v1/auth', 'agentrix'],
  ['/v1/machines', 'agentrix'],
  ['/v1/private-clouds', 'agentrix'],
  ['/v1/agentrix', 'agentrix'],
  ['/socket.io', 'agentrix'],
  ['/v1/agents', 'xagent'],
  ['/v1/me', 'xagent'],
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
  ['/api/v1', 'neo'],
  ['/v1/agent', 'shinzo'],
  ['/v1/webhooks/triggers', 'shinzo'],
  ['/agent', 'shinzo'],
  ['/auth', 'shinzo'],
]

/** The mount at the front of a path (`/mandate/v1/tasks`), or undefined. */
export function mountOf(path: string): { readonly dialect: Dialect; readonly rest: string } | undefined {
  const end = path.indexOf('/', 1)
  if (end < 0) return undefined
  const word = path.slice(1, end)
  const dialect = Object.hasOwn(mounts, word) ? mounts[word] : undefined
  return dialect && { dialect, rest: path.slice(end) }
}

/**
 * Which dialect a request speaks, and with it who words its refusals: an explicit mount, else the credential's beginning,
 * else who owns the path. `path` is as the client sent it; the query is not looked at.
 */
export function dialectOf(method: string, path: string, credential: string | undefined): RequestDialect {
  const mount = mountOf(path)
  if (mount !== undefined) return mount.dialect
  const issued = credential === undefined ? undefined : dialectOfCredential(credential)
  if (issued !== undefined) return issued
  const end = path.search(/[?#]/u)
  const bare = (end < 0 ? path : path.slice(0, end)).replace(/(?<=.)\/$/u, '')
  if (method === 'POST' && bare === '/api/v1/tasks') return 'certior_or_neo'
  const owner = owners.find(
    ([line]) => bare.startsWith(line) && (bare.length === line.length || bare[line.length] === '/'),
  )
  return owner?.[1] ?? 'native'
}

/** Whose the request to the shared path is after all: a JSON web token is Neo's. What still tells nothing stays undecided. */
export function certiorOrNeo(credential: string | undefined): RequestDialect {
  return credential !== undefined && looksLikeJwt(credential) ? 'neo' : 'certior_or_neo'
}
