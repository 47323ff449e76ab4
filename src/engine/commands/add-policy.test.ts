import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { builtinPolicies, builtinPolicy, testPolicy } from '../../../test/support/test-policies.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Commit } from '../../store/commit.ts'
import { checkPolicyTexts, listPolicies, readPolicyOf } from '../queries/list-policies.ts'
import { addPolicy, installBuiltinPolicies } from './add-policy.ts'

let world: EngineWorld
let admin: Principal
beforeEach(async () => {
  world = await createEngineWorld({ limits: { policies_max: 6 } })
  admin = { ...world.owner, userId: 'admin-1', role: 'admin' }
})
afterEach(() => world.close())

const textsOf = ({ document, cedar }: PolicyVersion) => ({ document: JSON.stringify(document, null, 2), cedar })
const own = testPolicy({ name: 'own' })
const add = (version: PolicyVersion, principal = admin) => addPolicy(world.deps, principal, textsOf(version))
const configOf = async (policy: string) => (await world.submit({ policy })).run.config

test('an added policy is what new runs get; a new version leaves those that were queued alone', async () => {
  expect(await add(own)).toEqual({ version: own, builtin: false, createdAt: world.clock.now() })
  const before = await configOf('own')
  const changed = testPolicy({ name: 'own', retention_days: 7 })
  await add(changed)
  expect(before.policy).toEqual({ name: 'own', digest: own.digest })
  expect(await configOf('own')).toMatchObject({ policy: { digest: changed.digest }, retentionDays: 7 })
  expect((await readPolicyOf(world.deps, own.digest)).version).toEqual(own)
  expect((await readPolicyOf(world.deps, 'own')).version).toEqual(changed)
})

test('the same texts again change nothing; an older version that is put again is the newest', async () => {
  const first = await add(own)
  world.clock.advance(5)
  expect(await add(own)).toEqual(first)
  await add(testPolicy({ name: 'own', retention_days: 7 }))
  await add(own)
  expect((await readPolicyOf(world.deps, 'own')).version).toEqual(own)
})

test('a policy that ships with the server cannot be overwritten, nor what is another word for one taken', async () => {
  for (const name of ['default', 'hipaa']) {
    await expect(add(testPolicy({ name }))).rejects.toMatchObject({ code: 'name_taken' })
  }
  await expect(add(testPolicy({ name: 'legal' }))).rejects.toMatchObject({ code: 'policy_invalid' })
  expect((await readPolicyOf(world.deps, 'legal')).version).toEqual(builtinPolicy('legal_privilege'))
})

test('texts that are wrong are refused with each place and what would be right, and nothing is stored', async () => {
  const { document } = textsOf(own)
  const wrong = { document: document.replace('"retention_days": ', '"retention_days": -'), cedar: 'permit (principal;' }
  const refused = addPolicy(world.deps, admin, wrong)
  await expect(refused).rejects.toMatchObject({
    code: 'policy_invalid',
    fields: expect.arrayContaining([
      { field: expect.stringMatching(/^document:\d+:\d+$/u), message: expect.stringContaining('retention_days') },
      { field: expect.stringMatching(/^cedar:1:\d+$/u), message: expect.any(String) },
    ]),
  })
  expect(await checkPolicyTexts(world.deps, admin, wrong)).toMatchObject({
    version: null,
    problems: [{ where: 'document' }, { where: 'cedar' }],
  })
  expect(await checkPolicyTexts(world.deps, admin, textsOf(own))).toEqual({ version: own, problems: [] })
  await expect(readPolicyOf(world.deps, 'own')).rejects.toMatchObject({ code: 'policy_not_found' })
})

test('it takes an administrator, and there is a limit', async () => {
  for (const principal of [world.owner, { ...admin, role: 'auditor' as const }, { ...admin, agentId: 'agent-1' }]) {
    await expect(add(own, principal)).rejects.toMatchObject({ code: 'role_forbidden' })
  }
  await add(own)
  await add(testPolicy({ name: 'sixth' }))
  await expect(add(testPolicy({ name: 'seventh' }))).rejects.toMatchObject({ limit: 'policies_max' })
  await add(testPolicy({ name: 'sixth', retention_days: 1 }))
})

test('what ships with the server is put where it changed, in one commit, and else none is made', async () => {
  const commits: number[] = []
  const { store, clock } = world.deps
  const warned: object[] = []
  const deps = {
    clock,
    log: { ...world.deps.log, warn: (facts: object) => void warned.push(facts) },
    store: {
      ...store,
      commit: (commit: Commit) => {
        commits.push(commit.write.length)
        return store.commit(commit)
      },
    },
  }
  await installBuiltinPolicies(deps, builtinPolicies)
  expect(commits).toEqual([])
  const changed = testPolicy({ name: 'hipaa', retention_days: 9 })
  const added = testPolicy({ name: 'newcomer' })
  await installBuiltinPolicies(deps, [builtinPolicy('default'), changed, added])
  expect(commits).toEqual([2])
  const names = new Map((await listPolicies(world.deps)).map((one) => [one.version.document.name, one]))
  expect(names.get('hipaa')).toMatchObject({ version: changed, builtin: true })
  await add(own)
  await installBuiltinPolicies(deps, [testPolicy({ name: 'own', retention_days: 1 })])
  expect((await readPolicyOf(world.deps, 'own')).version).toEqual(own)
  expect(warned).toEqual([{ policy: 'own' }])
})
