import type { Digest } from '../../../domain/content.ts'
import type { Certificate, SignedStatement } from '../../../domain/statement.ts'
import type { Store } from '../../../store/store.ts'
import { instantOf } from '../../edge/instants.ts'
import type { VerifiedCertificate } from './contract/execution.ts'

/** Makes a UUID of version 8 from the first 122 bits of a digest, so that the same digest always has the same id. */
export function uuidOf(digest: Digest): string {
  const hex = digest.slice('sha256:'.length)
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}

/** Reads the certificates of these tool calls of a task, in the order in which they were issued. */
export async function readCertificates(
  store: Store,
  taskId: string,
  calls: ReadonlyMap<string, unknown>,
): Promise<VerifiedCertificate[]> {
  return certificatesOf(await store.listStatements(taskId), calls)
}

/** Selects the statements that are certificates of these tool calls, in Certior's words. */
export function certificatesOf(
  statements: readonly SignedStatement[],
  calls: ReadonlyMap<string, unknown>,
): VerifiedCertificate[] {
  const revoked = new Set(statements.flatMap(({ kind, action }) => (kind === 'revocation' ? [action] : [])))
  return statements.flatMap((statement) => {
    if (statement.kind !== 'certificate' || !calls.has(statement.action ?? '')) return []
    return [presentCertificate(statement, revoked.has(statement.action))]
  })
}

/** Shows a signed certificate in Certior's words. */
export function presentCertificate(
  { digest, envelope }: Pick<SignedStatement, 'digest' | 'envelope'>,
  revoked: boolean,
): VerifiedCertificate {
  const { predicate, signatures } = opened(envelope)
  return {
    id: uuidOf(digest),
    tool_call_id: predicate.action,
    theorem: `action_admissible:${predicate.tool}`,
    plan_hash: digest,
    verified_properties: propertiesOf(predicate),
    proof_trace: [...predicate.rules],
    prover: 'mandate',
    issued_at: instantOf(predicate.issued_at),
    expires_at: instantOf(predicate.expires_at),
    signature: signatures[0]?.sig ?? '',
    key_id: predicate.key_id,
    revoked,
  }
}

/** Lists the properties that these certificates together show to be verified. */
export function propertiesOfAll(certificates: readonly VerifiedCertificate[]): string[] {
  return [...new Set(certificates.flatMap(({ verified_properties }) => verified_properties))].sort()
}

/** Lists the properties that one certificate shows to be verified. A grant of everything verifies no capability. */
function propertiesOf({ capabilities, rules, policy }: Certificate): string[] {
  const redacted = rules.some((rule) => rule.startsWith('content:'))
  return [
    'budget_sufficient',
    ...(capabilities.includes('*') ? [] : ['capability_coverage']),
    ...(redacted ? ['content_redacted'] : []),
    `policy_model:${policy.name}@${policy.digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
  ]
}

interface Opened {
  readonly predicate: Certificate
  readonly signatures: readonly { readonly sig: string }[]
}

/** The signature is not checked here, because the envelope comes from our own store. */
function opened(envelope: string): Opened {
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] }
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as { predicate: Certificate }
  return { predicate, signatures }
}
