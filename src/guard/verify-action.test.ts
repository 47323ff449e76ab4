import fc from 'fast-check'
import { expect, test } from 'vitest'
import { covers } from '../domain/capability.ts'
import { createCapabilityGuard, verifyCapabilities } from './verify-action.ts'

const action = { action: 'a', tool: 'read_file', required: ['filesystem:read'] }

test('an action whose capabilities are granted is allowed', async () => {
  const decision = await createCapabilityGuard().verify({ ...action, granted: ['filesystem:*'] })
  expect(decision).toMatchObject({ answer: 'allow', rules: ['capability'] })
})

test('a missing capability is named in the denial', () => {
  const decision = verifyCapabilities({
    ...action,
    required: ['filesystem:read', 'email:send'],
    granted: ['filesystem:read'],
  })
  expect(decision.answer).toBe('deny')
  expect(decision.reason).toContain('email:send')
  expect(decision.reason).not.toContain('filesystem:read')
})

test('nothing is allowed that no grant covers', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'a:b', 'a:b:c', 'a:*', '*')
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.array(word), (required, granted) => {
      const decision = verifyCapabilities({ action: 'x', tool: 't', required, granted })
      const all = required.every((wanted) => granted.some((grant) => covers(grant, wanted)))
      expect(decision.answer).toBe(all ? 'allow' : 'deny')
    }),
  )
})
