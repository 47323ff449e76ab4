import { Type } from 'typebox'
import { newKey, verifierOf } from '../../auth/api-key.ts'
import { createKey } from '../../engine/commands/create-key.ts'
import { revokeKey } from '../../engine/commands/revoke-key.ts'
import { listKeys } from '../../engine/queries/list-keys.ts'
import { ensureSecret, openShown, type ShownSecret } from '../../engine/webhooks/webhook-secrets.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema } from './answers.ts'
import { PageQuerySchema } from './contract/agent.ts'
import { CreatedKeySchema, CreateKeySchema, KeyPageSchema, KeySchema } from './contract/identity.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { keyView } from './present-identity.ts'

const KeyQuerySchema = Type.Object(
  { ...PageQuerySchema.properties, user_id: Type.Optional(Type.String({ minLength: 1 })) },
  { additionalProperties: false },
)

/** Adds the routes of keys. A key is shown when it is made, and never again. */
export function addKeyRoutes(app: NativeApp, { deps, auth, pepper }: NativeContext): void {
  const created = answersToBody({ 201: json('The key, shown this once.', CreatedKeySchema) }, [
    'role_forbidden',
    'user_not_found',
    'agent_not_found',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/keys',
    { schema: { summary: 'Create a key', body: CreateKeySchema, response: created } },
    async (request, reply) => {
      const { principal, body } = request
      const { name, dialect = 'native', user_id, agent_id, role } = body
      const keyRequest = { name, dialect, userId: user_id, agentId: agent_id ?? null, role }
      const { key, secret } = await makeOnce(request, reply, (idempotency) =>
        createKey(deps, principal, { ...keyRequest, idempotency }, () => {
          const made = newKey(dialect)
          return { prefix: made.prefix, verifier: verifierOf(pepper, made.key), secret: encryptKey(deps, made) }
        }),
      )
      const shown = openShown(deps, secret)
      // Caches must not store an answer that holds a secret.
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(key), key: shown, webhook_secret: await ensureSecret(deps, `key:${key.id}`) })
    },
  )
  const listed = answers({ 200: json('A page of keys.', KeyPageSchema) }, ['invalid_input', 'role_forbidden'])
  app.get(
    '/v1/keys',
    { schema: { summary: 'List keys, newest first', querystring: KeyQuerySchema, response: listed } },
    async ({ principal, query }) => {
      const request = pageRequest(deps.limits, 'created_at', query)
      const page = pageOf('created_at', await listKeys(deps, principal, query.user_id, request), request)
      return { keys: page.rows.map(keyView), has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
  const revoked = answers({ 200: json('The key, which opens nothing any more.', KeySchema) }, [
    'key_not_found',
    'role_forbidden',
  ])
  app.delete(
    '/v1/keys/:id',
    { schema: { summary: 'Revoke a key', params: IdSchema, response: revoked } },
    async ({ principal, params }) => {
      const key = await revokeKey(deps, principal, params.id)
      auth.forget()
      return keyView(key)
    },
  )
}

/** Encrypts a new key for the idempotency record, which keeps no secret in clear. */
function encryptKey(
  { webhooks }: NativeContext['deps'],
  { key, prefix }: { readonly key: string; readonly prefix: string },
): ShownSecret {
  const holder = `api-key:${prefix}`
  return { holder, encrypted: Buffer.from(webhooks.encrypter.encrypt(holder, key)).toString('base64') }
}
