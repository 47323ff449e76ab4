import { describe, expect, it } from 'vitest'
import { dialectOf, mountOf, type RequestDialect } from './dialect-of.ts'

const credentials = {
  none: undefined,
  unknown: 'eyJhbGciOiJFZERTQSJ9.e30.x',
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

describe('the dialect of a request', () => {
  it.each(paths)('%s %s without a credential that tells is %s', (method, path, owner) => {
    expect(dialectOf(method, path, credentials.none)).toBe(owner)
    expect(dialectOf(method, path, credentials.unknown)).toBe(owner)
  })

  it.each(paths)("%s %s is the credential's where it shows one", (method, path) => {
    expect(dialectOf(method, path, credentials.native)).toBe('native')
    expect(dialectOf(method, path, credentials.xagent)).toBe('xagent')
    expect(dialectOf(method, path, credentials.certior)).toBe('certior')
    expect(dialectOf(method, path, credentials.olderCertior)).toBe('certior')
    expect(dialectOf(method, path, credentials.neo)).toBe('neo')
    expect(dialectOf(method, path, credentials.agentrix)).toBe('agentrix')
    expect(dialectOf(method, path, credentials.shinzo)).toBe('shinzo')
  })

  it.each(paths)("%s %s under a mount is the mount's, whatever the credential", (method, path) => {
    for (const credential of Object.values(credentials)) {
      expect(dialectOf(method, `/mandate${path}`, credential)).toBe('native')
      expect(dialectOf(method, `/certior${path}`, credential)).toBe('certior')
      expect(dialectOf(method, `/neo${path}`, credential)).toBe('neo')
      expect(dialectOf(method, `/xagent${path}`, credential)).toBe('xagent')
      expect(dialectOf(method, `/agentrix${path}`, credential)).toBe('agentrix')
      expect(dialectOf(method, `/shinzo${path}`, credential)).toBe('shinzo')
    }
  })

  it('a mount is taken off once, and only a mount', () => {
    expect(mountOf('/mandate/v1/tasks')).toEqual({ dialect: 'native', rest: '/v1/tasks' })
    expect(mountOf('/mandate/neo/x')?.rest).toBe('/neo/x')
    expect(mountOf('/mandate')).toBeUndefined()
    expect(mountOf('/v1/tasks')).toBeUndefined()
    expect(mountOf('/constructor/x')).toBeUndefined()
  })
})
