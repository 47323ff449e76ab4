import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EncryptedSecret, SecretHolder } from '../../domain/webhook.ts'
import type { Commit, IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { signingKeyOf, type WebhookSigningKey, webhookSecretOf } from './sign-webhook.ts'

/** Names the holder of the secret that signs for this caller: the key, or the user for a caller without a stored key. */
export function holderOf({ keyId, userId }: Principal): SecretHolder {
  return keyId === null ? `user:${userId}` : `key:${keyId}`
}

/** A secret on its way to its caller. It is encrypted, since it may be kept with the request until that is repeated. */
export interface ShownSecret {
  /** The name that the secret is encrypted under. */
  readonly holder: string
  /** The encrypted secret in base64. */
  readonly encrypted: string
}

/** Encodes a stored secret for the answer to its caller. */
export function toBeShown({ holder, encrypted }: EncryptedSecret): ShownSecret {
  return { holder, encrypted: Buffer.from(encrypted).toString('base64') }
}

/** Decrypts a secret for its caller. Refuses `idempotency_mismatch` where the pepper was replaced since it was kept. */
export function openShown({ webhooks }: Pick<EngineDeps, 'webhooks'>, { holder, encrypted }: ShownSecret): string {
  const secret = webhooks.encrypter.decrypt(holder, Buffer.from(encrypted, 'base64'))
  if (secret !== undefined) return secret
  throw new Refusal('idempotency_mismatch', 'What this Idempotency-Key made can no longer be shown.')
}

/** Makes a fresh secret, encrypted as it is stored. Writes nothing. */
export function newSecret(deps: EngineDeps, holder: SecretHolder): EncryptedSecret {
  const encrypted = deps.webhooks.encrypter.encrypt(holder, webhookSecretOf(randomBytes(deps)))
  return { holder, encrypted, previous: null, updatedAt: deps.clock.now() }
}

/** Returns 32 random bytes. */
function randomBytes({ randomness }: Pick<EngineDeps, 'randomness'>): Buffer {
  return Buffer.from(randomness.newSalt() + randomness.newSalt(), 'hex')
}

/**
 * Answers with a holder's secret. A holder without one, or whose secret cannot be decrypted any more, gets a new one, which
 * is on disk when this resolves. Of several calls at once one makes it, and all answer with the same.
 */
export async function ensureSecret(deps: EngineDeps, holder: SecretHolder): Promise<string> {
  const [known] = await readSecrets(deps, holder)
  if (known !== undefined) return known
  const broken = await deps.store.readWebhookSecret(holder)
  const stored = newSecret(deps, holder)
  await deps.store.commit({
    write: [{ kind: broken === undefined ? 'add_webhook_secret' : 'save_webhook_secret', secret: stored }],
  })
  const [made] = await readSecrets(deps, holder)
  if (made === undefined) throw new Error('A webhook secret that was just stored cannot be read.')
  return made
}

/** Reads the secrets that sign for a holder now, the newest first; none where there is none, or the pepper was replaced. */
export async function readSecrets(
  deps: Pick<EngineDeps, 'clock' | 'store' | 'webhooks'>,
  holder: SecretHolder,
): Promise<string[]> {
  const stored = await deps.store.readWebhookSecret(holder)
  if (stored === undefined) return []
  const { encrypted, previous } = stored
  const both = previous !== null && previous.until > deps.clock.now() ? [encrypted, previous.encrypted] : [encrypted]
  return both.map((one) => deps.webhooks.encrypter.decrypt(holder, one)).filter((secret) => secret !== undefined)
}

/**
 * Replaces a holder's secret; it is on disk when this resolves. The one before signs beside it for
 * `webhook_secret_overlap_hours`.
 */
export async function rotateSecret(
  deps: EngineDeps,
  holder: SecretHolder,
  request?: IdempotentRequest,
): Promise<ShownSecret> {
  const before = await deps.store.readWebhookSecret(holder)
  const stored = newSecret(deps, holder)
  const until = deps.clock.now() + deps.limits.webhook_secret_overlap_hours * 3_600_000
  const previous = before === undefined ? null : { encrypted: before.encrypted, until }
  const rotated = toBeShown(stored)
  const commit: Commit = { write: [{ kind: 'save_webhook_secret', secret: { ...stored, previous } }] }
  await commitOnce(deps.store, commit, request, { made: rotated })
  return rotated
}

/** Reads the installation's Ed25519 key, which is made when it is first needed. */
export async function readSigningKey(deps: EngineDeps): Promise<WebhookSigningKey> {
  const holder = 'signing-key'
  const secret = await ensureSecret(deps, holder)
  // The key is stored in the form of a secret: 32 random bytes in base64 behind a prefix.
  return signingKeyOf(Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64'))
}
