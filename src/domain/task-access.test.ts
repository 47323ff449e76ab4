import { expect, test } from 'vitest'
import type { Principal, Visibility } from './principal.ts'
import { isSubmittingKey, mayReadTask, maySpeakIn } from './task-access.ts'

const task = {
  ownerId: 'owner',
  teamId: null,
  visibility: 'private' as Visibility,
  agentId: 'agent',
  submitter: { userId: 'caller', keyId: 'key' as string | null },
}
const submitter: Principal = {
  userId: 'caller',
  teamId: null,
  role: 'operator',
  dialect: 'xagent',
  agentId: 'agent',
  keyId: 'key',
}

test.each<[string, Principal, read: boolean, speak: boolean]>([
  ['the key that it was submitted with', submitter, true, true],
  ['that key, now a viewer', { ...submitter, role: 'viewer' }, true, false],
  ['that key, now of another agent', { ...submitter, agentId: 'other' }, false, false],
  ['another key of the same user', { ...submitter, keyId: 'other' }, false, false],
  ['the same user without a stored key', { ...submitter, keyId: null }, false, false],
  ["the owner's key", { ...submitter, userId: 'owner', keyId: 'other' }, true, true],
  ["the owner's viewer", { ...submitter, userId: 'owner', keyId: 'other', role: 'viewer' }, true, false],
  ["an owner's key of another agent", { ...submitter, userId: 'owner', keyId: 'other', agentId: 'x' }, false, false],
  ['an auditor', { ...submitter, userId: 'x', keyId: 'x', role: 'auditor' }, true, false],
])('%s: reads a private task %#', (_who, principal, read, speak) => {
  expect([mayReadTask(principal, task), maySpeakIn(principal, task)]).toEqual([read, speak])
})

test('a task that was submitted without a stored key has no submitting key', () => {
  const keyless = { ...task, submitter: { userId: 'caller', keyId: null } }
  expect(isSubmittingKey({ ...submitter, keyId: null }, keyless)).toBe(false)
})
