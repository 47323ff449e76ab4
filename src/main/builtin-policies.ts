import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PolicyDocument, PolicyVersion } from '../domain/policy.ts'
import { digestPolicy } from '../proof/digests.ts'

const folder = fileURLToPath(new URL('../../policies', import.meta.url))

/**
 * The policies that ship with this version. They are not checked here, so that a start need not load Cedar: the tests check
 * them, and what does not hold denies.
 */
export function readBuiltinPolicies(): PolicyVersion[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => {
    const document: PolicyDocument = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
    const cedar = readFileSync(`${folder}/${name.replace(/json$/u, 'cedar')}`, 'utf8')
    return { document, cedar, digest: digestPolicy({ document, cedar }) }
  })
}
