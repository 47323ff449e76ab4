import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'

const keyCharsMax = 255

/** What an Idempotency-Key asks to be kept with the task it makes. */
export interface IdempotentRequest {
  readonly key: string
  /** SHA-256 of the body in canonical form (RFC 8785). */
  readonly requestDigest: string
}

/**
 * Gives the same task to the same request. `submit` is called for a request that is new, `replay` with the task that an
 * earlier one made. Refuses `idempotency_mismatch` for another body under the same key, and `idempotency_in_progress` while
 * the first has not been answered. Keys belong to their user.
 */
export interface Idempotency {
  once<T>(
    principal: Principal,
    request: IdempotentRequest,
    submit: () => Promise<T>,
    replay: (taskId: string) => Promise<T>,
  ): Promise<T>
}

export function createIdempotency({ store }: Pick<ServerDeps, 'store'>): Idempotency {
  const underWay = new Set<string>()
  return {
    async once(principal, { key, requestDigest }, submit, replay) {
      const name = `${principal.userId} ${key}`
      if (underWay.has(name)) throw inProgress()
      underWay.add(name)
      try {
        const known = await store.readIdempotency(principal.userId, key)
        if (known === undefined) return await submit()
        if (known.requestDigest === requestDigest) return await replay(known.taskId)
        throw new Refusal('idempotency_mismatch', 'This Idempotency-Key was used with another body.')
      } finally {
        underWay.delete(name)
      }
    },
  }
}

function inProgress(): Refusal {
  const message = 'A request with this Idempotency-Key is under way. Try again for its answer.'
  return new Refusal('idempotency_in_progress', message, { retryAfterMs: 1_000 })
}

/** What the header says of a request with this body; undefined without the header. Refuses `invalid_input`. */
export function idempotentRequest(header: string | string[] | undefined, body: unknown): IdempotentRequest | undefined {
  if (header === undefined) return undefined
  const key = String(header)
  if (!/^[\x21-\x7e]+$/u.test(key) || key.length > keyCharsMax) {
    const message = `must be 1 to ${keyCharsMax} visible ASCII characters`
    const fields = [{ field: 'Idempotency-Key', message }]
    throw new Refusal('invalid_input', `The Idempotency-Key ${message}.`, { fields })
  }
  const bytes = canonicalize(body) ?? ''
  return { key, requestDigest: createHash('sha256').update(bytes).digest('hex') }
}
