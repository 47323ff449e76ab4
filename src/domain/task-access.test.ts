import { expect, test } from 'vitest'
import type { Principal, Visibility } from './principal.ts'
import { isSubmittingKey, maySpeakIn, type TaskAccess, taskAccess } from './task-access.ts'

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

test.each<[string, Principal, access: TaskAccess | undefined, speak: boolean]>([
  ['the key that it was submitted with', submitter, 'full', true],
  ['that key, now a viewer', { ...submitter, role: 'viewer' }, 'full', false],
  ['that key, now of another agent', { ...submitter, agentId: 'other' }, undefined, false],
  ['another key of the same user', { ...submitter, keyId: 'other' }, undefined, false],
  ['the same user without a stored key', { ...submitter, keyId: null }, undefined, false],
  ["the owner's key", { ...submitter, userId: 'owner', keyId: 'other' }, 'full', true],
  ["the owner's viewer", { ...submitter, userId: 'owner', keyId: 'other', role: 'viewer' }, 'full', false],
  [
    "an owner's key of another agent",
    { ...submitter, userId: 'owner', keyId: 'other', agentId: 'x' },
    undefined,
    false,
  ],
  ['an auditor', { ...submitter, userId: 'x', keyId: 'x', role: 'auditor' }, 'full', false],
])('%s: reads a private task %#', (_who, principal, access, speak) => {
  expect([taskAccess(principal, task), maySpeakIn(principal, task)]).toEqual([access, speak])
})

test('a task that was submitted without a stored key has no submitting key', () => {
  const keyless = { ...task, submitter: { userId: 'caller', keyId: null } }
  expect(isSubmittingKey({ ...submitter, keyId: null }, keyless)).toBe(false)
})

test.each<[Visibility, mate: TaskAccess | undefined, stranger: TaskAccess | undefined]>([
  ['private', undefined, undefined],
  ['team', 'shared', undefined],
  ['unlisted', 'shared', 'shared'],
  ['public', 'shared', 'shared'],
])('a task that is %s is shown to others as far as that goes, and whole to its owner', (visibility, mate, stranger) => {
  const shown = { ...task, teamId: 'red', visibility }
  const other: Principal = { ...submitter, userId: 'x', keyId: 'x', agentId: null }
  expect(taskAccess({ ...other, teamId: 'red' }, shown)).toBe(mate)
  expect(taskAccess(other, shown)).toBe(stranger)
  expect(maySpeakIn({ ...other, teamId: 'red' }, shown)).toBe(false)
  expect(taskAccess({ ...other, userId: 'owner' }, shown)).toBe('full')
})
