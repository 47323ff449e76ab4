import { expect, test } from 'vitest'
import { detectorNames, encodedTooDeep, groupOf, unexamined } from './detectors.ts'

test.each([
  ['ssn', 'personal_data'],
  ['mrn', 'personal_data'],
  ['credit_card', 'personal_data'],
  ['phone', 'personal_data'],
  ['email', 'personal_data'],
  ['ip', 'personal_data'],
  ['secret:github', 'secret'],
  ['keyword', 'keyword'],
  [encodedTooDeep, 'evasion'],
  [unexamined, 'evasion'],
  ['secrets', 'evasion'],
  ['constructor', 'evasion'],
])('the detector %s belongs to the group %s', (detector, group) => {
  expect(groupOf(detector)).toBe(group)
})

test('each detector has one name, and that of a secret says so', () => {
  expect(new Set(detectorNames).size).toBe(detectorNames.length)
  expect(detectorNames.slice(0, 6)).toEqual(['ssn', 'mrn', 'credit_card', 'phone', 'email', 'ip'])
  expect(detectorNames.slice(-2)).toEqual(['keyword', 'encoded_too_deep'])
  expect(detectorNames.slice(6, -2).every((name) => /^secret:[a-z0-9_]+$/u.test(name))).toBe(true)
  expect(detectorNames).not.toContain('unexamined')
})
