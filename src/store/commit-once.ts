import { Refusal } from '../domain/refusal.ts'
import {
  absentIdempotencyKey,
  type Commit,
  type CommitOutcome,
  type IdempotentRequest,
  type RequestOutcome,
} from './commit.ts'
import type { Store } from './store.ts'

/**
 * Commits what a request makes together with the note that it was made, so that neither is ever there without the other: a
 * crash in between cannot make it twice. Without a request that may be repeated it is a commit like any other. Throws
 * `idempotency_in_progress` where another process was faster with the same key; everything else that is required is answered
 * as `Store.commit` does.
 */
export async function commitOnce(
  store: Pick<Store, 'commit'>,
  commit: Commit,
  request: IdempotentRequest | undefined,
  outcome: RequestOutcome,
): Promise<CommitOutcome> {
  if (request === undefined) return store.commit(commit)
  const committed = await store.commit({
    require: [absentIdempotencyKey(request.ownerId, request.key), ...(commit.require ?? [])],
    write: [...commit.write, { kind: 'remember_idempotency', request, outcome }],
  })
  if (!committed.committed && committed.refused.name === 'absentIdempotencyKey') throw idempotencyInProgress()
  return committed
}

/** The refusal of a request whose idempotency key is held by a commit that is under way. */
export function idempotencyInProgress(): Refusal {
  const message = 'A request with this Idempotency-Key is under way. Try again for its answer.'
  return new Refusal('idempotency_in_progress', message, { retryAfterMs: 1_000 })
}
