import { afterEach, describe, expect, test } from 'vitest'
import { sampleDocument } from '../../support/sample-inputs.ts'
import { type Certior, openCertior } from './open-certior.ts'

let certior: Certior
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  return certior
}
afterEach(() => certior.world.close())

/** As the product's document has it, to the letter. */
const documented = {
  detail: {
    message: "No effective permissions after applying 'hipaa' compliance policy",
    denied: [
      {
        permission: 'network:http:read',
        reason: 'exceeds_policy_ceiling',
        detail: 'Permission is not within the HIPAA policy allowed set',
      },
    ],
  },
}

describe('a policy’s ceiling', () => {
  test('that leaves nothing is 403 with exactly the documented body', async () => {
    const { call } = await open({ started: false })
    const body = { task: 'x', compliance_policy: 'hipaa', permissions: ['network:http:read'] }
    const answer = await call('POST', '/api/v1/tasks', body)
    expect([answer.statusCode, answer.json()]).toEqual([403, documented])
    expect(Object.keys(answer.json().detail)).toEqual(['message', 'denied'])
    expect((await call('GET', '/api/v1/executions')).json()).toEqual([])
  })

  test('names each permission that was asked for and the first reason that applies to it', async () => {
    const { world, call } = await open({ started: false })
    await world.call('PATCH', `/v1/agents/${world.agent.id}`, { capabilities: ['filesystem:write:reports'] })
    const reasons = {
      'network:smtp:send:external': 'forbidden_by_policy',
      '*': 'wildcard_denied_under_compliance',
      'filesystem:write': 'exceeds_policy_ceiling',
      'filesystem:*': 'exceeds_policy_ceiling',
      'filesystem:read': 'exceeds_agent_grants',
    }
    const body = { task: 'x', compliance_policy: 'hipaa', permissions: Object.keys(reasons) }
    const answer = await call('POST', '/api/v1/tasks', body)
    expect(answer.statusCode, answer.body).toBe(403)
    const { message, denied } = answer.json().detail
    expect(message).toBe(documented.detail.message)
    expect(denied).toEqual(
      Object.entries(reasons).map(([permission, reason]) => ({
        permission,
        reason,
        detail: expect.stringMatching(/\S/u),
      })),
    )
  })

  test('permissions of which some are not given are answered with what became of them', async () => {
    const { call } = await open({ started: false })
    const permissions = ['filesystem:read', 'email:send']
    const body = { task: 'say hi', compliance_policy: 'sox', permissions }
    const answer = (await call('POST', '/api/v1/tasks', body)).json()
    expect(answer).toEqual({
      execution_id: expect.any(String),
      status: 'queued',
      websocket_url: expect.any(String),
      permission_resolution: {
        effective_permissions: ['filesystem:read'],
        denied: [
          {
            permission: 'email:send',
            reason: 'exceeds_policy_ceiling',
            detail: 'Permission is not within the SOX policy allowed set',
          },
        ],
        warnings: [],
        policy_name: 'sox',
        user_role: 'operator',
        requested_permissions: permissions,
        used_defaults: false,
      },
    })
    const shown = (await call('GET', `/api/v1/executions/${answer.execution_id}`)).json()
    expect(shown).toMatchObject({ permissions: ['filesystem:read'], requested_permissions: permissions })
  })

  test('permissions that are all given, and none at all, are answered with nothing beside the documented body', async () => {
    const { call } = await open({ started: false })
    for (const permissions of [['filesystem:read'], [], null]) {
      const answer = await call('POST', '/api/v1/tasks', { task: 'say hi', compliance_policy: 'hipaa', permissions })
      expect(Object.keys(answer.json())).toEqual(['execution_id', 'status', 'websocket_url'])
    }
  })

  test('an empty list of permissions is none: the run goes on with no capability, under every policy', async () => {
    const { call, submit, executionThatIs } = await open()
    for (const compliance_policy of ['default', 'hipaa']) {
      const id = await submit({ task: 'list the files', compliance_policy, permissions: [] })
      const execution = await executionThatIs('blocked', id)
      expect(execution).toMatchObject({ permissions: [], requested_permissions: [] })
      expect(execution.tool_calls).toMatchObject([{ tool: 'list_files', verdict: 'blocked' }])
    }
    const created = await call('POST', '/api/v1/tasks', { task: 'say hi', permissions: [] })
    expect([created.statusCode, created.json().permission_resolution]).toEqual([201, undefined])
  })

  test('permissions narrow what the run may do: a tool call beyond them is blocked, and the run with it', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'write secret to a.txt', permissions: ['filesystem:read'] })
    const execution = await executionThatIs('blocked', id)
    expect(execution.tool_calls).toMatchObject([{ tool: 'write_file', verdict: 'blocked', outcome: 'blocked' }])
  })

  test('holds also where nothing was asked for: the policy’s defaults are all that the run may do', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'fetch https://example.com/', compliance_policy: 'hipaa' })
    const execution = await executionThatIs('blocked', id)
    expect(execution.permissions).toEqual(['database:read:patient_data', 'document:write:reports', 'filesystem:read'])
    expect(execution.tool_calls).toMatchObject([{ tool: 'fetch_url', verdict: 'blocked' }])
  })
})

describe('an operator’s own policy', () => {
  const own = sampleDocument({
    name: 'acme',
    title: 'Acme',
    ceiling: ['filesystem:read'],
    defaults: ['filesystem:read'],
  })

  test('can be named in a request, and is not among the presets, which anybody may read', async () => {
    const { world, call } = await open({ started: false })
    const text = { document: JSON.stringify(own), cedar: '@id("all")\npermit (principal, action, resource);' }
    const added = await world.call('POST', '/v1/policies', text)
    expect(added.statusCode, added.body).toBe(201)
    const refused = await call('POST', '/api/v1/tasks', {
      task: 'x',
      compliance_policy: 'acme',
      permissions: ['filesystem:write'],
    })
    expect(refused.json().detail).toMatchObject({
      message: "No effective permissions after applying 'acme' compliance policy",
      denied: [{ detail: 'Permission is not within the Acme policy allowed set' }],
    })
    expect((await call('POST', '/api/v1/tasks', { task: 'x', compliance_policy: 'acme' })).statusCode).toBe(201)
    expect((await call('GET', '/api/v1/compliance/presets')).body).not.toContain('acme')
  })
})
