import { type Static, Type } from 'typebox'
import { instant, nullable } from './fields.ts'
import { StatementSchema } from './statement.ts'

const SigningKeySchema = Type.Object({
  key_id: Type.String({ pattern: '^ed25519:[0-9a-f]{32}$', 'x-form': '"ed25519:" and 32 hexadecimal digits' }),
  alg: Type.Literal('Ed25519'),
  public_key: Type.String({ description: 'Base64 of the 32 bytes.' }),
  created_at: instant(),
  retired_at: nullable(instant()),
})

/** Every key that this installation has signed with, oldest first. The last one signs now. */
export const SigningKeysSchema = Type.Object({ log_id: Type.String(), keys: Type.Array(SigningKeySchema) })
/** The response of `GET /.well-known/mandate-keys.json`. */
export type SigningKeysView = Static<typeof SigningKeysSchema>

/** The keys after a rotation, with the statement that signs it. */
export const RotatedKeysSchema = Type.Object({ ...SigningKeysSchema.properties, rotation: StatementSchema })
/** The response of `POST /v1/keys/rotate-signing`. */
export type RotatedKeysView = Static<typeof RotatedKeysSchema>
