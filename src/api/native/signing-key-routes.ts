import { rotateSigningKey } from '../../engine/commands/rotate-signing-key.ts'
import { readStatementOf } from '../../engine/queries/list-statements.ts'
import type { Notary } from '../../signer/signer.ts'
import { json } from '../edge/define-refusals.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import { answersToBody, NothingSchema, openAnswers } from './answers.ts'
import { RotatedKeysSchema, SigningKeysSchema, type SigningKeysView } from './contract/signing-key.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { statementView } from './present-statement.ts'

/** Adds the routes of the signing keys: everybody reads the public ones, and administrators rotate them. */
export function addSigningKeyRoutes(app: NativeApp, { deps }: NativeContext): void {
  const published = openAnswers({ 200: json('Every key there ever was, the oldest first.', SigningKeysSchema) })
  app.get(
    '/.well-known/mandate-keys.json',
    { config: { open: true }, schema: { summary: 'The public signing keys', security: [], response: published } },
    (_request, reply) => reply.header('cache-control', 'public, max-age=60').send(keysView(deps.notary)),
  )
  const rotated = answersToBody(
    { 200: json('The keys after it, and the rotation as the log has it.', RotatedKeysSchema) },
    ['role_forbidden'],
  )
  app.post(
    '/v1/keys/rotate-signing',
    { schema: { summary: 'Sign with a new key from now on', body: NothingSchema, response: rotated } },
    async ({ principal }) => {
      const { digest } = await rotateSigningKey(deps, principal)
      const rotation = await readStatementOf(deps, principal, digest)
      return { ...keysView(deps.notary), rotation: statementView(rotation) }
    },
  )
}

function keysView({ logId, keyring }: Notary): SigningKeysView {
  const keys = keyring.keys.map(({ key_id, public_key, created_at, retired_at }) => ({
    key_id,
    alg: 'Ed25519' as const,
    public_key,
    created_at: instantOf(created_at),
    retired_at: instantOrNull(retired_at),
  }))
  return { log_id: logId, keys }
}
