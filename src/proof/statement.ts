import type { Digest } from '../domain/content.ts'
import type { Problem } from '../domain/shape.ts'
import { type KeyRotation, type Statement, type StatementKind, statementKinds } from '../domain/statement.ts'
import { bytesOfBase64 } from './base64.ts'
import { canonicalText } from './canonical-json.ts'
import { digestOf, hexOfDigest } from './digests.ts'
import { keyIdOf } from './ed25519.ts'
import { predicateShapes } from './statement-shapes.ts'

// Statements are in-toto Statements: https://in-toto.io/Statement/v1.

const inTotoType = 'https://in-toto.io/Statement/v1'
const predicateTypePattern = /^urn:mandate:([a-z]+):v1$/u

/** Encodes a statement: its signed bytes, and the digest by which events and other statements refer to it. */
export function encodeStatement(statement: Statement): { readonly payload: Uint8Array; readonly digest: Digest } {
  const payload = Buffer.from(textOf(statement))
  return { payload, digest: digestOf(payload) }
}

/** Decodes a payload that is exactly what `encodeStatement` makes of its statement. It verifies no signature. */
export function decodeStatement(payload: Uint8Array): Statement | Problem {
  const value = parse(payload)
  if (value === undefined) return { problem: 'the statement is not JSON' }
  const { predicateType, predicate } = value
  const name = typeof predicateType === 'string' ? predicateTypePattern.exec(predicateType)?.[1] : undefined
  const kind = statementKinds.find((one) => one === name)
  if (kind === undefined) return { problem: 'the statement is of no kind that this version knows' }
  const schemaError = predicateShapes[kind](predicate, kind)
  if (schemaError !== undefined) return schemaError
  const statement = toStatement(kind, predicate)
  if (statement.kind === 'rotation') {
    const misnamed = misnamedKey(statement)
    if (misnamed !== undefined) return misnamed
  }
  // One comparison covers all the rest: type, subject, unknown or repeated names, order, white space, the form of
  // numbers, bytes that are not UTF-8.
  if (!Buffer.from(textOf(statement)).equals(payload)) {
    return { problem: `the ${kind} is not equal to its canonical bytes, or its subject is not what it states` }
  }
  return statement
}

/** The ids of the keys that must sign a statement, in this order. */
export function signingKeyIdsOf(statement: Statement): readonly string[] {
  return statement.kind === 'rotation' ? [statement.from.key_id, statement.to.key_id] : [statement.key_id]
}

function textOf(statement: Statement): string {
  const { kind, ...predicate } = statement
  return canonicalText({
    _type: inTotoType,
    predicate,
    predicateType: `urn:mandate:${kind}:v1`,
    subject: [subjectOf(statement)],
  })
}

interface Subject {
  readonly name: string
  readonly digest: { readonly sha256: string }
}

/** The subject of a statement, a name and a digest, for readers that know in-toto and not Mandate. */
function subjectOf(statement: Statement): Subject {
  switch (statement.kind) {
    case 'certificate':
    case 'refusal':
    case 'ask':
      return subject(`action:${statement.action}`, statement.arguments)
    case 'settlement':
      return subject(`action:${statement.action}`, statement.certificate)
    case 'answer':
      return subject(`prompt:${statement.prompt}`, statement.answer)
    case 'revocation':
      return subject('certificate', statement.certificate)
    case 'closing':
      return subject(`run:${statement.run}`, statement.events_root)
    case 'rotation':
      return subject(`key:${statement.to.key_id}`, digestOf(Buffer.from(statement.to.public_key, 'base64')))
  }
}

function subject(name: string, digest: Digest): Subject {
  return { name, digest: { sha256: hexOfDigest(digest) } }
}

/** Converts a predicate to a statement, after the shape of its kind was checked. */
function toStatement(kind: StatementKind, predicate: unknown): Statement {
  return { ...(predicate as object), kind } as Statement
}

/**
 * Checks that the ids in a rotation follow from its keys, since a rotation could otherwise hand an id on to another
 * key.
 */
function misnamedKey({ from, to }: KeyRotation): Problem | undefined {
  for (const { key_id, public_key } of [from, to]) {
    const bytes = bytesOfBase64(public_key)
    if (bytes === undefined || keyIdOf(bytes) !== key_id)
      return { problem: `the rotation names a key ${key_id} that is not it` }
  }
  if (from.key_id === to.key_id) return { problem: 'the rotation is from a key to itself' }
  return undefined
}

function parse(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined // The caller reports it.
  }
}
