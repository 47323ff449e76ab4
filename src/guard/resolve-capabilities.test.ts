import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleDocument } from '../../test/support/sample-inputs.ts'
import {
  type Capability,
  coveredByAny,
  denialReasons,
  intersectGrants,
  touchesForbidden,
} from '../domain/capability.ts'
import { roles } from '../domain/principal.ts'
import { type CapabilityRequest, resolveCapabilities } from './resolve-capabilities.ts'

const closed = sampleDocument({
  name: 'hipaa',
  title: 'HIPAA',
  ceiling: ['filesystem:read', 'database:read:*', 'network:smtp:*'],
  defaults: ['filesystem:read', 'database:read:patient_data'],
  forbidden: ['network:smtp:send:external'],
})
const resolve = (given: Partial<CapabilityRequest>) =>
  resolveCapabilities({
    requested: undefined,
    policy: sampleDocument(),
    role: 'operator',
    agentGrants: ['*'],
    ...given,
  })

describe('a request', () => {
  test('what every factor covers is given, the rest is denied with its reason', () => {
    expect(resolve({ requested: ['filesystem:read', 'network:http:read'], policy: closed })).toEqual({
      effective: ['filesystem:read'],
      denied: [
        {
          permission: 'network:http:read',
          reason: 'exceeds_policy_ceiling',
          detail: 'Permission is not within the HIPAA policy allowed set',
        },
      ],
      usedDefaults: false,
    })
  })

  test.each<[string, Partial<CapabilityRequest>, string, string]>([
    [
      'network:smtp:send:external',
      { policy: closed },
      'forbidden_by_policy',
      'Permission is forbidden by the HIPAA policy',
    ],
    [
      '*',
      { policy: closed },
      'wildcard_denied_under_compliance',
      'Wildcard permission is not allowed under the HIPAA policy',
    ],
    [
      'filesystem:*',
      { policy: closed },
      'exceeds_policy_ceiling',
      'Permission is not within the HIPAA policy allowed set',
    ],
    [
      'filesystem:write',
      { role: 'viewer' },
      'exceeds_role_allowance',
      'Permission is not within the viewer role allowed set',
    ],
    ['a:*', { agentGrants: ['a:b'] }, 'exceeds_agent_grants', "Permission is not within the agent's granted set"],
    ['*', { agentGrants: ['a'] }, 'exceeds_agent_grants', "Permission is not within the agent's granted set"],
    ['a:b', { parent: ['a:c'] }, 'exceeds_parent_grants', "Permission is not within the parent task's effective set"],
  ])('%s is denied with the reason %#', (permission, given, reason, detail) => {
    expect(resolve({ requested: [permission], ...given })).toEqual({
      effective: [],
      denied: [{ permission, reason, detail }],
      usedDefaults: false,
    })
  })

  test('where several reasons apply the first of their order is named', () => {
    const policy = sampleDocument({ title: 'P', ceiling: ['x'], defaults: ['x'], forbidden: ['a'] })
    const nothing = { policy, role: 'viewer', agentGrants: [], parent: [] } as const
    const given: Partial<CapabilityRequest>[] = [
      nothing,
      { ...nothing, policy: { ...policy, forbidden: [] } },
      { ...nothing, policy: { ...policy, forbidden: [], ceiling: ['*'] } },
      { ...nothing, policy: { ...policy, forbidden: [], ceiling: ['*'] }, role: 'admin' },
      { parent: [] },
      {},
    ]
    const reasonsOf = (permission: Capability) =>
      given.map((one) => resolve({ requested: [permission], ...one }).denied[0]?.reason)
    expect(reasonsOf('a')).toEqual([
      'forbidden_by_policy',
      'exceeds_policy_ceiling',
      'exceeds_role_allowance',
      'exceeds_agent_grants',
      'exceeds_parent_grants',
      undefined,
    ])
    expect(reasonsOf('*').slice(0, 3)).toEqual([
      'wildcard_denied_under_compliance',
      'wildcard_denied_under_compliance',
      'exceeds_role_allowance',
    ])
    const seen = new Set([...reasonsOf('a'), ...reasonsOf('*')])
    expect(denialReasons.filter((reason) => !seen.has(reason))).toEqual([])
  })

  test('what stands twice is given and denied once', () => {
    const { effective, denied } = resolve({ requested: ['a', 'b', 'a', 'b'], agentGrants: ['a'] })
    expect(effective).toEqual(['a'])
    expect(denied).toHaveLength(1)
  })
})

describe('without a request', () => {
  test('an open policy gives the agent its own grants', () => {
    const agentGrants = ['filesystem:*', 'filesystem:read', 'email:send']
    expect(resolve({ agentGrants })).toEqual({ effective: agentGrants, denied: [], usedDefaults: true })
  })

  test('the defaults of a policy are cut to what each factor covers, and nothing is said to be denied', () => {
    const given = {
      policy: closed,
      agentGrants: ['filesystem:*', 'network:http:read'],
      parent: ['filesystem:read', 'x'],
    }
    expect(resolve(given)).toEqual({ effective: ['filesystem:read'], denied: [], usedDefaults: true })
    expect(resolve({ ...given, agentGrants: [] }).effective).toEqual([])
  })

  test('what is forbidden is no part of them', () => {
    const policy = sampleDocument({ forbidden: ['network:smtp:*'] })
    expect(resolve({ policy, agentGrants: ['network:smtp:send', 'network:*'] }).effective).toEqual(['network:*'])
  })
})

const concrete = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((words) => words.join(':'))
const pattern = fc.oneof(
  concrete,
  concrete.map((words) => `${words}:*`),
  fc.constant('*'),
)
const patterns = fc.array(pattern, { maxLength: 4 })

describe('for all sets', () => {
  const requests: fc.Arbitrary<CapabilityRequest> = fc.record({
    requested: fc.option(patterns, { nil: undefined }),
    policy: fc
      .record({ ceiling: patterns, defaults: patterns, forbidden: patterns })
      .map((given) => sampleDocument(given)),
    role: fc.constantFrom(...roles),
    agentGrants: patterns,
    parent: fc.option(patterns, { nil: undefined }),
  })

  test('nothing is permitted that a factor does not cover, or that is forbidden', () => {
    fc.assert(
      fc.property(requests, concrete, (request, wanted) => {
        const { effective } = resolveCapabilities(request)
        const { policy, requested, agentGrants, parent, role } = request
        // As decideAction has it: covered, and not forbidden.
        if (!coveredByAny(effective, wanted) || touchesForbidden(policy.forbidden, wanted)) return
        const asked = requested ?? policy.defaults
        for (const factor of [asked, policy.ceiling, agentGrants, parent ?? ['*']]) {
          expect(coveredByAny(factor, wanted)).toBe(true)
        }
        // None of these words is within the allowance of a role that only looks.
        expect(['admin', 'operator']).toContain(role)
      }),
      { numRuns: 3_000 },
    )
  })

  test('the defaults lose nothing that every factor covers and nothing forbids', () => {
    fc.assert(
      fc.property(requests, concrete, (given, wanted) => {
        const request: CapabilityRequest = { ...given, requested: undefined, role: 'operator' }
        const { policy, agentGrants, parent } = request
        const factors = [policy.defaults, policy.ceiling, agentGrants, parent ?? ['*']]
        const expected = factors.every((factor) => coveredByAny(factor, wanted))
        if (touchesForbidden(policy.forbidden, wanted)) return
        expect(coveredByAny(resolveCapabilities(request).effective, wanted)).toBe(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  test('an empty list asks for nothing and is given nothing, whatever the defaults are', () => {
    fc.assert(
      fc.property(requests, (given) => {
        const nothing = { effective: [], denied: [], usedDefaults: false }
        expect(resolveCapabilities({ ...given, requested: [] })).toEqual(nothing)
      }),
    )
  })

  test('a child never has more than its parent', () => {
    fc.assert(
      fc.property(requests, requests, concrete, (parent, child, wanted) => {
        const { effective } = resolveCapabilities(parent)
        const given = resolveCapabilities({ ...child, parent: effective }).effective
        if (coveredByAny(given, wanted)) expect(coveredByAny(effective, wanted)).toBe(true)
        for (const grant of given) expect(coveredByAny(effective, grant)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('every permission that was asked for is either given or denied', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { effective, denied, usedDefaults } = resolveCapabilities(request)
        if (usedDefaults) expect(denied).toEqual([])
        else {
          const answered = [...effective, ...denied.map(({ permission }) => permission)]
          expect(answered.sort()).toEqual([...new Set(request.requested)].sort())
        }
      }),
    )
  })

  test('an intersection covers exactly what both sets cover', () => {
    fc.assert(
      fc.property(patterns, patterns, concrete, (left, right, wanted) => {
        const both = coveredByAny(left, wanted) && coveredByAny(right, wanted)
        expect(coveredByAny(intersectGrants(left, right), wanted)).toBe(both)
      }),
      { numRuns: 3_000 },
    )
  })
})
