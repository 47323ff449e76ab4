import { expect, test } from 'vitest'
import type { RunConfig } from '../../domain/task.ts'
import { findExceededRestraint, type Restraints } from './find-exceeded-restraint.ts'

const config = {
  tools: ['read_file', 'write_file'],
  capabilities: ['filesystem:read', 'network:*'],
  policy: { name: 'legal_privilege', digest: 'sha256:0' },
  stepsMax: 10,
  timeoutMs: 60_000,
} as unknown as RunConfig
const tools = new Map([
  ['read_file', { access: 'read' as const }],
  ['write_file', { access: 'write' as const }],
])
const find = (restraints: Restraints, over: Partial<RunConfig> = {}) =>
  findExceededRestraint({ ...config, ...over }, restraints, tools)

test.each<Restraints>([
  {},
  { tools: ['write_file', 'read_file', 'fetch_url'] },
  { toolAccess: ['read', 'write'] },
  { capabilities: ['*'] },
  { capabilities: ['network:*', 'filesystem:*'] },
  { policy: 'legal_privilege', stepsMax: 10, timeoutMs: 60_000 },
  { policy: 'legal' },
  { policy: null, stepsMax: null, timeoutMs: null },
  { stepsMax: 11, timeoutMs: 60_001 },
])('a run is held to %j', (restraints) => {
  expect(find(restraints)).toBeUndefined()
})

test.each<[Restraints, string]>([
  [{ tools: ['read_file'] }, 'may use the tool write_file'],
  [{ tools: [] }, 'may use the tool read_file'],
  [{ toolAccess: ['read'] }, 'may use the tool write_file'],
  [{ capabilities: [] }, 'has the capability filesystem:read'],
  [{ capabilities: ['filesystem:read', 'network:http:read'] }, 'has the capability network:*'],
  [{ policy: 'hipaa' }, 'is under the policy legal_privilege'],
  [{ stepsMax: 9 }, 'may take 10 steps'],
  [{ timeoutMs: 59_999 }, 'may take 60 seconds'],
])('a run that may do more than %j %s', (restraints, exceeded) => {
  expect(find(restraints)).toBe(exceeded)
})

test('a tool that the server does not know may do anything', () => {
  expect(find({ toolAccess: ['read', 'write'] }, { tools: ['gone'] })).toBe('may use the tool gone')
})

test('a run that may do nothing is held to everything', () => {
  expect(find({ tools: [], toolAccess: [], capabilities: [] }, { tools: [], capabilities: [] })).toBeUndefined()
})
