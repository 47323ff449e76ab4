import { expect, test } from 'vitest'
import {
  grantableRoles,
  may,
  mayChange,
  mayRead,
  type Principal,
  type Role,
  roles,
  type Visibility,
  visibilities,
} from './principal.ts'

const caller = (role: Role, userId = 'ann', teamId: string | null = 'red'): Principal => ({
  userId,
  teamId,
  role,
  dialect: 'native',
  agentId: null,
  keyId: null,
})

const thing = (visibility: Visibility, teamId: string | null = 'red') => ({ ownerId: 'ann', teamId, visibility })

test.each<[Role, { submit: boolean; administer: boolean; readAll: boolean }, Role[]]>([
  ['admin', { submit: true, administer: true, readAll: true }, [...roles]],
  ['operator', { submit: true, administer: false, readAll: false }, ['operator', 'viewer']],
  ['approver', { submit: false, administer: false, readAll: false }, ['approver', 'viewer']],
  ['auditor', { submit: false, administer: false, readAll: true }, ['auditor', 'viewer']],
  ['viewer', { submit: false, administer: false, readAll: false }, ['viewer']],
])('the rights of %s are %j, and it grants %j', (role, rights, grants) => {
  const principal = caller(role)
  expect({
    submit: may(principal, 'submit'),
    administer: may(principal, 'administer'),
    readAll: may(principal, 'readAll'),
  }).toEqual(rights)
  expect(grantableRoles(principal)).toEqual(grants)
})

test('no role grants a right that it lacks itself', () => {
  for (const role of roles) {
    for (const granted of grantableRoles(caller(role))) {
      for (const right of ['submit', 'administer', 'readAll'] as const) {
        if (may(caller(granted), right)) expect(may(caller(role), right), `${role} -> ${granted}`).toBe(true)
      }
    }
  }
})

test('an owner reads what is their own, whatever its visibility and their role', () => {
  for (const visibility of visibilities) {
    for (const role of roles) expect(mayRead(caller(role, 'ann', 'blue'), thing(visibility))).toBe(true)
  }
})

test('another user reads what is public or unlisted, and what is shown to their team', () => {
  const reads = (teamId: string | null, of: ReturnType<typeof thing>) => mayRead(caller('operator', 'bob', teamId), of)
  expect(visibilities.filter((visibility) => reads('red', thing(visibility)))).toEqual(['team', 'unlisted', 'public'])
  expect(visibilities.filter((visibility) => reads('blue', thing(visibility)))).toEqual(['unlisted', 'public'])
  expect(reads(null, thing('team', null))).toBe(false)
})

test('an administrator and an auditor read everything, and no other role does', () => {
  const secret = thing('private', null)
  expect(roles.filter((role) => mayRead(caller(role, 'bob', null), secret))).toEqual(['admin', 'auditor'])
})

test('an owner who may submit changes their own, and only an administrator changes what is of others', () => {
  expect(roles.filter((role) => mayChange(caller(role), thing('private')))).toEqual(['admin', 'operator'])
  expect(roles.filter((role) => mayChange(caller(role, 'bob'), thing('public')))).toEqual(['admin'])
})
