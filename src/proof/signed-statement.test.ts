import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyStatement, rotationOf, signerNamed } from '../../test/support/sample-statements.ts'
import { signEnvelope } from './dsse.ts'
import { leafHash } from './merkle.ts'
import {
  checkSignatures,
  type OpenedStatement,
  openStatement,
  signRotation,
  signStatement,
} from './signed-statement.ts'
import { encodeStatement } from './statement.ts'

const [alice, bob, mallory] = [signerNamed('alice'), signerNamed('bob'), signerNamed('mallory')]
const onlyAlice = (keyId: string) => (keyId === alice.keyId ? alice.publicKey : undefined)

function opened(text: string): OpenedStatement {
  const result = openStatement(text)
  if ('problem' in result) throw new Error(result.problem)
  return result
}

test('a signed statement opens to itself, is found by what it names, and its signature is right', () => {
  fc.assert(
    fc.property(anyStatement(alice.keyId), (statement) => {
      const signed = signStatement(alice, statement)
      const found = opened(signed.envelope)
      expect(found.statement).toEqual(statement)
      expect(found.digest).toBe(encodeStatement(statement).digest)
      expect(checkSignatures(found, onlyAlice)).toBeUndefined()
      expect(signed).toEqual({
        kind: statement.kind,
        task: statement.task,
        run: statement.run,
        action: 'action' in statement ? statement.action : null,
        digest: found.digest,
        envelope: signed.envelope,
        leaf: leafHash(Buffer.from(signed.envelope)),
        issuedAt: statement.issued_at,
      })
      expect(found.leaf).toBe(signed.leaf)
    }),
  )
})

test('a statement with any character changed is not opened, or its signature is wrong', () => {
  fc.assert(
    fc.property(
      anyStatement(alice.keyId),
      fc.nat(),
      fc.constantFrom('0', 'a', 'A', '"', '/', '='),
      (statement, n, other) => {
        const { envelope } = signStatement(alice, statement)
        const at = n % envelope.length
        const changed = envelope.slice(0, at) + other + envelope.slice(at + 1)
        fc.pre(changed !== envelope)
        const found = openStatement(changed)
        const problem = 'problem' in found ? found : checkSignatures(found, onlyAlice)
        expect(problem?.problem).toBeTypeOf('string')
      },
    ),
    { numRuns: 500 },
  )
})

test('a signature by a key that is not known, or by another key under this name, is said to be so', () => {
  fc.assert(
    fc.property(anyStatement(alice.keyId), (statement) => {
      const found = opened(signStatement(alice, statement).envelope)
      expect(checkSignatures(found, () => undefined)?.problem).toContain('is not known')
      expect(checkSignatures(found, () => mallory.publicKey)?.problem).toContain('is wrong')
    }),
    { numRuns: 20 },
  )
})

test('nobody signs a statement that names another key', () => {
  const [statement] = fc.sample(anyStatement(alice.keyId), 1)
  if (statement === undefined) throw new Error('There is no sample.')
  expect(() => signStatement(bob, statement)).toThrow('signed by other keys')
  const impostor = { ...bob, keyId: alice.keyId }
  expect(checkSignatures(opened(signStatement(impostor, statement).envelope), onlyAlice)?.problem).toContain('is wrong')
})

test('a rotation is signed by both keys, and who knows the old one can verify it', () => {
  const rotation = rotationOf(alice, bob)
  const signed = signRotation(alice, bob, rotation)
  expect(signed).toMatchObject({ kind: 'rotation', task: null, run: null, action: null })
  const found = opened(signed.envelope)
  expect(found.statement).toEqual(rotation)
  expect(checkSignatures(found, onlyAlice)).toBeUndefined()
  expect(checkSignatures(found, () => undefined)?.problem).toContain('is not known')
  expect(() => signRotation(bob, alice, rotation)).toThrow('signed by other keys')
})

test('a rotation that only one of the keys signed is not taken', () => {
  const rotation = rotationOf(alice, mallory)
  const byNewOnly = signRotation({ ...mallory, keyId: alice.keyId }, mallory, rotation)
  expect(checkSignatures(opened(byNewOnly.envelope), onlyAlice)?.problem).toContain(`by ${alice.keyId} is wrong`)
  const byOldOnly = signRotation(alice, { ...alice, keyId: mallory.keyId }, rotation)
  expect(checkSignatures(opened(byOldOnly.envelope), onlyAlice)?.problem).toContain(`by ${mallory.keyId} is wrong`)
})

test('a payload under another type, or with the signatures of other keys than it names, is not opened', () => {
  const type = 'application/vnd.in-toto+json'
  const { payload } = encodeStatement(rotationOf(alice, bob))
  const problemOf = (text: string) => {
    const result = openStatement(text)
    return 'problem' in result ? result.problem : undefined
  }
  expect(problemOf(signEnvelope(type, payload, [alice, bob]))).toBeUndefined()
  expect(problemOf(signEnvelope('application/json', payload, [alice, bob]))).toContain('is not application/vnd.in-toto')
  for (const signers of [[alice], [bob, alice], [alice, bob, mallory], [alice, mallory]]) {
    expect(problemOf(signEnvelope(type, payload, signers))).toContain('not signed by the key that it names')
  }
})
