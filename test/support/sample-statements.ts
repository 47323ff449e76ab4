import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Digest } from '../../src/domain/content.ts'
import { roles } from '../../src/domain/principal.ts'
import { terminalStates } from '../../src/domain/run-state.ts'
import type { Signer } from '../../src/domain/signer.ts'
import type { KeyRotation, Statement } from '../../src/domain/statement.ts'
import { createEd25519Signer } from '../../src/signer/ed25519/create-ed25519-signer.ts'

const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The signer that a name stands for: the same in every process. */
export function signerNamed(name: string): Signer {
  return createEd25519Signer(Buffer.concat([pkcs8Start, createHash('sha256').update(name).digest()]))
}

/** The digest that a text has. */
export function digestNamed(name: string): Digest {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`
}

const id = fc.uuid()
const digest = fc.string().map(digestNamed)
const text = fc.string({ unit: 'grapheme' })
const texts = fc.array(text, { maxLength: 3 })
const count = fc.maxSafeNat()
const amounts = fc.record({ micros_usd: fc.maxSafeInteger(), tokens: count, steps: count })
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })

const action = (keyId: string) => ({
  log_id: id,
  key_id: fc.constant(keyId),
  task: id,
  run: id,
  attempt: count,
  step: count,
  action: id,
  previous: orNull(digest),
  issued_at: count,
})

const decided = (keyId: string) => ({
  ...action(keyId),
  principal: fc.record({ user: id, team: orNull(id), role: fc.constantFrom(...roles) }),
  tool: text,
  arguments: digest,
  inputs: digest,
  capabilities: texts,
  policy: fc.record({ name: fc.constant('default'), digest }),
  parent: orNull(id),
  rules: texts,
})

/** Any statement that one key signs. */
export function anyStatement(keyId: string): fc.Arbitrary<Exclude<Statement, KeyRotation>> {
  return fc.oneof(
    fc.record({
      kind: fc.constant('certificate' as const),
      ...decided(keyId),
      reserved: amounts,
      repeats: orNull(id),
      expires_at: count,
    }),
    fc.record({ kind: fc.constant('refusal' as const), ...decided(keyId), reason: text }),
    fc.record({
      kind: fc.constant('settlement' as const),
      ...action(keyId),
      certificate: digest,
      outcome: fc.constantFrom('settled' as const, 'failed' as const, 'unknown' as const, 'denied' as const),
      result: orNull(digest),
      cost: amounts,
      duration_ms: count,
      late: fc.boolean(),
      labels: texts,
    }),
    fc.record({
      kind: fc.constant('revocation' as const),
      log_id: id,
      key_id: fc.constant(keyId),
      task: id,
      run: id,
      action: id,
      certificate: digest,
      by: id,
      issued_at: count,
    }),
    fc.record({
      kind: fc.constant('closing' as const),
      log_id: id,
      key_id: fc.constant(keyId),
      task: id,
      run: id,
      turn: count,
      outcome: fc.constantFrom(...terminalStates),
      first_seq: count,
      last_seq: count,
      events_root: digest,
      statements: fc.record({ count, head: orNull(digest) }),
      ledger: fc.record({ cap: amounts, spent: amounts, reserved: amounts, lent: amounts }),
      issued_at: count,
    }),
  )
}

/** The rotation from one key to another. */
export function rotationOf(from: Signer, to: Signer, at = 1_760_000_000_000): KeyRotation {
  const named = ({ keyId, publicKey }: Signer) => ({
    key_id: keyId,
    public_key: Buffer.from(publicKey).toString('base64'),
  })
  return { kind: 'rotation', log_id: 'log-1', from: named(from), to: named(to), issued_at: at }
}
