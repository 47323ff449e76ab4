import { describe, expect, test } from 'vitest'
import { samplePolicy } from '../../../test/support/sample-log.ts'
import { sampleAt } from '../../../test/support/sample-tasks.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Write } from '../commit.ts'
import type { WithStore } from './with-store.conformance.ts'

const put = (version: PolicyVersion, at = sampleAt, builtin = false): Write => ({
  kind: 'put_policy',
  version,
  builtin,
  at,
})

export function describePolicies(withStore: WithStore): void {
  describe('policies', () => {
    test(
      'come back as they were, by digest and by name',
      withStore(async (store) => {
        const version = samplePolicy('hipaa')
        expect(await store.readPolicy(version.digest)).toBeUndefined()
        expect(await store.readPolicyNamed('hipaa')).toBeUndefined()
        await store.commit({ write: [put(version, sampleAt, true)] })
        expect(await store.readPolicy(version.digest)).toEqual(version)
        expect(await store.readPolicyNamed('hipaa')).toEqual(version)
        expect(await store.listPolicies()).toEqual([{ version, builtin: true, createdAt: sampleAt }])
      }),
    )

    test(
      'keep all versions; the one that was put last is the one of its name, and older ones can be put again',
      withStore(async (store) => {
        const old = samplePolicy('hipaa')
        const young = samplePolicy('hipaa', { retention_days: 7 })
        const other = samplePolicy('default')
        for (const version of [old, other, young]) await store.commit({ write: [put(version)] })
        expect(await store.readPolicyNamed('hipaa')).toEqual(young)
        expect(await store.readPolicy(old.digest)).toEqual(old)
        const named = async () => (await store.listPolicyVersions('hipaa')).map(({ version }) => version.digest)
        expect(await named()).toEqual([young.digest, old.digest])
        expect((await store.listPolicies()).map(({ version }) => version)).toEqual([other, young])
        await store.commit({ write: [put(old, sampleAt + 1)] })
        expect(await store.readPolicyNamed('hipaa')).toEqual(old)
        expect(await named()).toEqual([old.digest, young.digest])
      }),
    )

    test(
      'are not changed by a put of what is the newest already',
      withStore(async (store) => {
        const version = samplePolicy('sox')
        await store.commit({ write: [put(version, sampleAt, true)] })
        await store.commit({ write: [put(version, sampleAt + 1, false)] })
        expect(await store.listPolicyVersions('sox')).toEqual([{ version, builtin: true, createdAt: sampleAt }])
        expect(await store.listPolicyVersions('absent')).toEqual([])
      }),
    )
  })
}
