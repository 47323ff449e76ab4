import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCliWorld } from '../../../../test/support/cli-world.ts'
import type { PackageSummary, Verification } from '../../../proof/package/verify-package.ts'
import type { VerifyOptions } from '../../offline-commands.ts'

const key = Buffer.alloc(32, 1).toString('base64')
const other = Buffer.alloc(32, 2).toString('base64')
const keyId = `ed25519:${'0'.repeat(32)}`

const summary: PackageSummary = {
  task: 'task-1',
  exported_at: Date.UTC(2026, 0, 1),
  runs: [{ run: 'run-1', turn: 1, outcome: 'succeeded', policy: 'hipaa' }],
  events: 12,
  contents: { present: 5, purged: 0, private: 3 },
  statements: { certificate: 2, settlement: 2, closing: 1 },
  decisions: { rederived: 1, not_rederivable: [{ action: 'a', because: 'its arguments are not there' }] },
  signers: [keyId],
  sealed_by: keyId,
  pinned: [],
  logs: [{ log_id: 'log-1', size: 1_500, root: '00' }],
  attestation: {
    regime: 'hipaa',
    policy: 'sha256:1',
    runs: [],
    proofs_required: ['no_phi_external_flow'],
    proofs_satisfied: [],
    proofs_missing: [{ name: 'no_phi_external_flow', because: 'a call went out' }],
    human_approvals_required: [],
    approvals: [],
    denied_for_approval: [],
    retention_days: 2_190,
    certificate_count: 2,
    verified_properties: [],
    compliant: false,
  },
}

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mandate-verify-'))
  file = join(folder, 'package.json')
  await writeFile(file, '{"a":1}')
})
afterEach(() => rm(folder, { recursive: true }))

function world(verification: Verification) {
  const asked: VerifyOptions[] = []
  const verify = async (options: VerifyOptions) => {
    asked.push(options)
    return verification
  }
  return { asked, ...createCliWorld({ offline: { verify } }) }
}

describe('mandate verify', () => {
  test('says that a package is valid, and what is in it', async () => {
    const { run, asked, requests } = world({ verdict: 'valid', summary })
    const { exitCode, out, err } = await run('verify', file, '--key', key, '--key', keyId)
    expect([exitCode, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual([
      'valid',
      'task        task-1',
      'exported    2026-01-01T00:00:00.000Z',
      'run 1       succeeded, under hipaa',
      'events      12',
      'contents    5, 3 left out',
      'statements  2 certificates, 2 settlements, 1 closing',
      'decisions   1 made again and the same, 1 not (its arguments are not there)',
      'log         log-1 of 1,500',
      `signed by   ${keyId}`,
      `sealed by   ${keyId}`,
      'compliant   no, not with hipaa (no_phi_external_flow: a call went out)',
      '',
    ])
    expect(asked).toEqual([{ package: Buffer.from('{"a":1}'), pinned: [key, keyId] }])
    expect(requests).toEqual([])
  })

  test('ends with a code of its own where nobody vouches for the signer', async () => {
    const { run, asked } = world({ verdict: 'consistent', summary })
    const { exitCode, out, err } = await run('verify', file)
    expect(exitCode).toBe(6)
    expect(out).toMatch(/^consistent, signer unknown\n/u)
    expect(err).toContain('--key')
    expect(asked[0]?.pinned).toEqual([])
  })

  test('ends with 1 and names the first link that does not hold', async () => {
    const { run } = world({ verdict: 'invalid', problem: 'events: event 7 is missing\u001b[2J' })
    expect(await run('verify', file, '--key', key)).toEqual({
      exitCode: 1,
      out: 'invalid  events: event 7 is missing[2J\n',
      err: '',
    })
  })

  test('prints the verification as JSON, with the same exit codes', async () => {
    const invalid: Verification = { verdict: 'invalid', problem: 'x' }
    const answer = await world(invalid).run('verify', file, '--json')
    expect([answer.exitCode, JSON.parse(answer.out)]).toEqual([1, invalid])
    const consistent = await world({ verdict: 'consistent', summary }).run('verify', file, '--json')
    expect([consistent.exitCode, JSON.parse(consistent.out).summary]).toEqual([6, summary])
  })

  test('takes the keys that a server publishes from a file', async () => {
    const keys = join(folder, 'keys.json')
    await writeFile(keys, JSON.stringify({ log_id: 'l', keys: [{ public_key: key }, { public_key: other }] }))
    const { run, asked } = world({ verdict: 'valid', summary })
    await run('verify', file, '--key', keys)
    expect(asked[0]?.pinned).toEqual([key, other])
  })

  test.each([
    ['a word that is neither key nor file', 'nonsense', undefined],
    ['a file that is no JSON', 'keys.json', 'x'],
    ['a file without keys', 'keys.json', '{"keys":[]}'],
    ['a file with something that is no key', 'keys.json', JSON.stringify({ keys: [{ public_key: 'eA==' }] })],
  ])('takes %s for wrong usage, and verifies nothing', async (_what, name, text) => {
    if (text !== undefined) await writeFile(join(folder, name), text)
    const { run, asked } = world({ verdict: 'valid', summary })
    const { exitCode, err } = await run('verify', file, '--key', join(folder, name))
    expect([exitCode, asked]).toEqual([2, []])
    expect(err).toContain('--key')
  })

  test('takes a package that is not there for wrong usage', async () => {
    const { exitCode, err } = await world({ verdict: 'valid', summary }).run('verify', join(folder, 'none'))
    expect([exitCode, err]).toEqual([2, expect.stringContaining('there is no such file')])
  })
})
