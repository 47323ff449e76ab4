import { expect, test } from 'vitest'
import { defaultPolicyName, policyNameOf } from './policy.ts'

test('a word is the name of its policy, except for an alias', () => {
  expect(policyNameOf('legal')).toBe('legal_privilege')
  expect(policyNameOf('hipaa')).toBe('hipaa')
  expect(policyNameOf('toString')).toBe('toString')
})

test('the policy that applies where nothing names one is "default"', () => {
  expect(defaultPolicyName).toBe('default')
})
