import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { verifyAudit } from '../../../src/main/verify-audit.ts'
import { parsePackage } from '../../../src/proof/package/parse-package.ts'
import type { PackageSummary } from '../../../src/proof/package/verify-package.ts'

// Audit packages outlive the servers that wrote them. Those in the fixtures were exported by released versions and are never
// written anew: a later verifier must come to the verdict that the version itself came to.

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url))
const folder = `${fixtures}/mandate-0.1.0/audit-packages`
const verified: Record<string, { pinned: string; summary: PackageSummary }> = JSON.parse(
  readFileSync(`${folder}/verified.json`, 'utf8'),
)
const names = readdirSync(folder).flatMap((file) => /^(.+)\.json\.gz$/u.exec(file)?.[1] ?? [])
const readPackage = (name: string) => gunzipSync(readFileSync(`${folder}/${name}.json.gz`))

/** Everything that 0.1.0 could record. */
const kindsOfFirstRelease = [
  ...['task.submitted', 'message.added', 'run.queued', 'run.claimed', 'attempt.lost', 'run.stop_requested'],
  ...['step.started', 'model.responded', 'model.failed'],
  ...['action.requested', 'action.decided', 'action.revoked', 'action.settled'],
  ...['budget.overdrawn', 'budget.transferred', 'budget.returned', 'budget.granted', 'budget.released'],
  ...['task.purged', 'run.paused', 'run.resumed', 'run.succeeded', 'run.failed', 'run.blocked', 'run.cancelled'],
]

describe('an audit package of 0.1.0', () => {
  test.each(names)('verifies with all that it says: %s', async (name) => {
    const { pinned, summary } = verified[name] ?? {}
    const verification = await verifyAudit(readPackage(name), [pinned ?? ''])
    expect(verification).toMatchObject({ verdict: 'valid', summary })
    expect(summary?.events).toBeGreaterThan(0)
  })

  test.each(names)('does not verify with a key that did not sign it, nor with a changed event: %s', async (name) => {
    const bytes = readPackage(name)
    expect(await verifyAudit(bytes, ['ed25519:00000000000000000000000000000000'])).toMatchObject({ verdict: 'invalid' })
    const changed = bytes.toString().replace('"kind":"run.claimed"', '"kind":"run.resumed"')
    expect(changed).not.toBe(bytes.toString())
    expect(await verifyAudit(Buffer.from(changed), [])).toMatchObject({ verdict: 'invalid' })
  })

  test('stands in the fixtures for every kind of event that there was', () => {
    const parsed = names.map((name) => parsePackage(readPackage(name)))
    const kinds = parsed.flatMap((one) => ('events' in one ? one.events.map(({ kind }) => kind) : []))
    expect([...new Set(kinds)].sort()).toEqual(expect.arrayContaining(kindsOfFirstRelease.sort()))
  })
})
