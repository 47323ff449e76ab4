import { describe, expect, test } from 'vitest'
import { type Dialect, dialects, type Principal } from '../domain/principal.ts'
import { dialectOf, issuedDialect, mountOf, opensDialect, type RequestDialect } from './dialect-of.ts'

const credentials = {
  none: undefined,
  token: 'eyJhbGciOiJFZERTQSJ9.e30.x',
  native: 'mdt_a',
  xagent: 'xag_a',
  certior: 'ck-a',
  olderCertior: 'ck_a',
  neo: 'neo_sk_a',
  agentrix: 'agx_a',
  shinzo: 'sk_shinzo_a',
}

/** A path with who answers when no credential tells. */
const paths: readonly (readonly [method: string, path: string, owner: RequestDialect])[] = [
  ['POST', '/api/v1/tasks', 'certior_or_neo'],
  ['POST', '/api/v1/tasks?x=1', 'certior_or_neo'],
  ['HEAD', '/api/v1/tasks', 'neo'],
  ['GET', '/api/v1/tasks', 'neo'],
  ['GET', '/api/v1/tasks/7', 'neo'],
  ['POST', '/api/v1/tasks/7/approve', 'neo'],
  ['GET', '/api/v1/executions', 'certior'],
  ['POST', '/api/v1/agents/delegate', 'certior'],
  ['PATCH', '/api/v1/agents/user/7', 'neo'],
  ['GET', '/api/v1/auth/me', 'certior'],
  ['GET', '/ws/executions/7', 'certior'],
  ['POST', '/v1/tasks', 'agentrix'],
  ['GET', '/v1/tasks/7/events', 'agentrix'],
  ['GET', '/v1/chats', 'agentrix'],
  ['GET', '/v1/auth/me', 'agentrix'],
  ['GET', '/socket.io/?EIO=4', 'agentrix'],
  ['POST', '/v1/chat/tasks', 'xagent'],
  ['GET', '/v1/agents', 'xagent'],
  ['GET', '/v1/agents?limit=1', 'xagent'],
  ['GET', '/v1/me', 'xagent'],
  ['GET', '/v1/agent/7', 'shinzo'],
  ['GET', '/agent/list', 'shinzo'],
  ['POST', '/auth/login', 'shinzo'],
  ['GET', '/v1/models', 'native'],
  ['GET', '/v1/keys', 'native'],
  ['GET', '/v1/health', 'native'],
  ['GET', '/v1/tasksandmore', 'native'],
  ['GET', '/openapi.json', 'native'],
  ['GET', '/', 'native'],
]

/** The paths that have two owners, with who speaks them where the credential was issued for it. */
const shared: readonly (readonly [method: string, path: string, sharers: readonly Dialect[]])[] = [
  ['POST', '/api/v1/tasks', ['certior', 'neo']],
  ['POST', '/api/v1/tasks?x=1', ['certior', 'neo']],
  ['DELETE', '/api/v1/tasks', ['certior', 'neo']],
  ['POST', '/api/v1/tasks/', ['certior', 'neo']],
  ['POST', '/v1/tasks', ['native', 'agentrix']],
  ['GET', '/v1/tasks/7/events', ['native', 'agentrix']],
  ['GET', '/v1/agents', ['native', 'xagent']],
  ['GET', '/v1/agents?limit=1', ['native', 'xagent']],
  ['GET', '/v1/me', ['native', 'xagent']],
]
const sharersOf = (method: string, path: string) =>
  shared.find(([one, other]) => one === method && other === path)?.[2] ?? []

describe('the dialect of a request', () => {
  test.each(paths)("%s %s is its owner's, whatever the credential was issued for", (method, path, owner) => {
    for (const issued of [undefined, ...dialects]) {
      if (issued !== undefined && sharersOf(method, path).includes(issued)) continue
      expect(dialectOf(method, path, issued), String(issued)).toBe(owner)
    }
  })

  test.each(shared)("%s %s is the credential's where that is one of its two owners", (method, path, sharers) => {
    for (const issued of sharers) expect(dialectOf(method, path, issued)).toBe(issued)
  })

  test('a credential was issued for the dialect that its beginning names, a token for Neo', () => {
    expect(issuedDialect(credentials.none)).toBeUndefined()
    expect(issuedDialect('something else')).toBeUndefined()
    expect(issuedDialect(credentials.token)).toBe('neo')
    expect(issuedDialect(credentials.olderCertior)).toBe('certior')
    for (const dialect of dialects) expect(issuedDialect(credentials[dialect])).toBe(dialect)
  })

  test.each(paths)("%s %s under a mount is the mount's, whatever the credential", (method, path) => {
    for (const issued of [undefined, ...dialects]) {
      for (const dialect of dialects) {
        expect(dialectOf(method, `/${dialect === 'native' ? 'mandate' : dialect}${path}`, issued)).toBe(dialect)
      }
    }
  })

  test('a mount is taken off once, and only a mount', () => {
    expect(mountOf('/mandate/v1/tasks')).toEqual({ dialect: 'native', rest: '/v1/tasks' })
    expect(mountOf('/mandate/neo/x')?.rest).toBe('/neo/x')
    expect(mountOf('/mandate')).toBeUndefined()
    expect(mountOf('/v1/tasks')).toBeUndefined()
    expect(mountOf('/constructor/x')).toBeUndefined()
  })
})

describe('what a credential opens', () => {
  const who = { userId: 'u', teamId: null, role: 'operator', agentId: null } as const
  const keyOf = (dialect: Dialect): Principal => ({ ...who, dialect, keyId: 'k' })
  const adminKey: Principal = { ...who, role: 'admin', dialect: 'native', keyId: null }
  const token: Principal = { ...who, dialect: 'neo', keyId: null, token: { expiresAt: 1 } }

  test('a key opens the plain paths of its own dialect only', () => {
    for (const dialect of dialects) {
      for (const spoken of dialects) {
        expect(opensDialect(keyOf(dialect), spoken, '/v1/x'), `${dialect} ${spoken}`).toBe(dialect === spoken)
      }
      expect(opensDialect(keyOf(dialect), 'certior_or_neo', '/api/v1/tasks')).toBe(false)
    }
  })

  test('a key opens every dialect under its mount', () => {
    for (const dialect of dialects) expect(opensDialect(keyOf(dialect), 'certior', '/certior/api/v1/x')).toBe(true)
  })

  test('a token belongs to no dialect, and the unstored key comes as far as the path that must be named', () => {
    for (const spoken of dialects) expect(opensDialect(token, spoken, '/v1/x')).toBe(true)
    expect(opensDialect(adminKey, 'certior_or_neo', '/api/v1/tasks')).toBe(true)
    expect(opensDialect(adminKey, 'certior', '/api/v1/executions')).toBe(false)
  })
})
