import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { Refusal, type RefusalCode } from '../../domain/refusal.ts'
import { type AccessedTask, fullyShown, readTaskFor } from '../../engine/access/read-task.ts'
import { readTaskAt } from '../../engine/queries/read-task-at.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { IdempotentRequest, RequestOutcome } from '../../store/commit.ts'
import { commitOnce, idempotencyInProgress } from '../../store/commit-once.ts'
import type { RememberedRequest } from '../../store/store.ts'
import { honoursIdempotencyKeys } from '../openapi/api-description.ts'
import type { SpokenDialect } from '../speak.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly onlyOnce: OnlyOnce
  }
  interface FastifyContextConfig {
    /**
     * Marks a POST that changes nothing. It can be repeated safely, so that an Idempotency-Key is neither needed nor
     * refused.
     */
    readsOnly?: boolean
  }
}

/** The refusals that an `Idempotency-Key` adds to those of a route. */
export const idempotencyRefusals: readonly RefusalCode[] = ['idempotency_mismatch', 'idempotency_in_progress']

/**
 * Executes a request. It gets the idempotent request where there is one, which belongs into the same commit as the
 * change.
 */
type Act<Result> = (request: IdempotentRequest | undefined) => Promise<Result>

/** A task as it was right after a request began or changed it. */
export interface ChangedTask {
  readonly snapshot: AccessedTask
  /**
   * The last event before those of the request, where the answer is a replay. It is undefined where the caller knows
   * it.
   */
  readonly replayedAfter: number | undefined
}

interface OnlyOnce {
  make<Made extends object>(request: FastifyRequest, reply: FastifyReply, act: Act<Made>): Promise<Made>
  change(request: FastifyRequest, reply: FastifyReply, act: Act<TaskSnapshot>): Promise<ChangedTask>
}

/**
 * Executes a POST that makes something once for all requests with the same `Idempotency-Key`. A replay returns what
 * was made first, from which the same answer follows, and sets the header `Idempotent-Replayed`. The made value is
 * plain data and holds no secret in clear. Refuses `idempotency_mismatch` for another request under the key, and
 * `idempotency_in_progress` while the first is executed. Refused requests are not remembered. The key belongs to its
 * user.
 */
export function makeOnce<Made extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  act: Act<Made>,
): Promise<Made> {
  return request.server.onlyOnce.make(request, reply, act)
}

/**
 * Does the same as `makeOnce` for requests that begin or change a task. Nothing of the task is kept with the key,
 * because its journal holds it.
 */
export function changeOnce(request: FastifyRequest, reply: FastifyReply, act: Act<TaskSnapshot>): Promise<ChangedTask> {
  return request.server.onlyOnce.change(request, reply, act)
}

/**
 * Honours `Idempotency-Key` on the POST routes that declare its refusals. Every other POST that changes something
 * refuses the header, so that no client relies on a guarantee that it does not have.
 */
export function honourIdempotencyKeys(app: FastifyInstance, deps: ServerDeps, spoken: SpokenDialect): void {
  app.decorate('onlyOnce', createOnlyOnce(deps, spoken))
  app.addHook('onRequest', async (request) => {
    const { method, headers, routeOptions, is404 } = request
    if (method !== 'POST' || is404 || headers['idempotency-key'] === undefined) return
    const { config, schema } = routeOptions
    if (config.open || config.readsOnly || honoursIdempotencyKeys(schema ?? {})) return
    throw invalidKey('is not taken by this call, which may do the same again when it is repeated')
  })
}

function createOnlyOnce(deps: ServerDeps, spoken: SpokenDialect): OnlyOnce {
  const { store, clock } = deps
  const underWay = new Set<string>()

  /**
   * Executes a request, or finds its first outcome. The outcome of a request that changed nothing is recorded here,
   * because no commit has recorded it.
   */
  async function once<Result>(
    request: FastifyRequest,
    reply: FastifyReply,
    act: Act<Result>,
    { recall, outcomeOf }: Kind<Result>,
  ): Promise<Result> {
    const idempotent = idempotentRequest(request, spoken, clock.now())
    if (idempotent === undefined) return act(undefined)
    const { ownerId, key, requestDigest } = idempotent
    const name = `${ownerId} ${key}`
    if (underWay.has(name)) throw idempotencyInProgress()
    underWay.add(name)
    try {
      const known = await store.readIdempotency(ownerId, key)
      if (known === undefined) {
        const result = await act(idempotent)
        if ((await store.readIdempotency(ownerId, key)) === undefined) {
          await commitOnce(store, { write: [] }, idempotent, outcomeOf(result))
        }
        return result
      }
      if (known.requestDigest !== requestDigest) {
        throw new Refusal('idempotency_mismatch', 'This Idempotency-Key was used for another request.')
      }
      const recalled = await recall(known)
      void reply.header('idempotent-replayed', 'true')
      return recalled
    } finally {
      underWay.delete(name)
    }
  }

  return {
    make: <Made extends object>(request: FastifyRequest, reply: FastifyReply, act: Act<Made>) =>
      once<Made>(request, reply, act, {
        // The digest includes the route, so that this value was made by the same route.
        recall: async ({ made }) => made as Made,
        outcomeOf: (made) => ({ made }),
      }),
    change: (request, reply, act) => {
      const acted: Act<ChangedTask> = async (idempotent) => ({
        snapshot: fullyShown(await act(idempotent)),
        replayedAfter: undefined,
      })
      return once<ChangedTask>(request, reply, acted, {
        recall: (known) => recallTask(deps, request, known),
        outcomeOf: ({ snapshot: { task } }) => ({ task: { id: task.id, events: 0, lastSeq: task.lastSeq } }),
      })
    },
  }
}

interface Kind<Result> {
  recall(known: RememberedRequest): Promise<Result>
  outcomeOf(result: Result): RequestOutcome
}

async function recallTask(
  deps: ServerDeps,
  { principal }: FastifyRequest,
  { task }: RememberedRequest,
): Promise<ChangedTask> {
  if (task === undefined) throw new Error('What a request did to a task is remembered without the task.')
  const now = await readTaskFor(deps, principal, task.id)
  const then = await readTaskAt(deps, now, task.lastSeq)
  return { snapshot: { ...then, access: now.access }, replayedAfter: task.afterSeq }
}

const keyCharsMax = 255

/** Reads the header of a request. It is undefined without the header. Refuses `invalid_input`. */
function idempotentRequest(
  { headers, principal, body, params, routeOptions, raw }: FastifyRequest,
  spoken: SpokenDialect,
  createdAt: number,
): IdempotentRequest | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const key = String(header)
  if (!/^[\x21-\x7e]+$/u.test(key) || key.length > keyCharsMax) {
    throw invalidKey(`must be 1 to ${keyCharsMax} visible ASCII characters`)
  }
  // The digest includes the credential: a value made with one, above all a secret, must not be shown to another of
  // the same user.
  const { userId: ownerId, keyId, role } = principal
  const canonicalRequest = { dialect: spoken(raw), path: routeOptions.url, params, body, keyId, role }
  const requestDigest = createHash('sha256')
    .update(canonicalize(canonicalRequest) ?? '')
    .digest('hex')
  return { ownerId, key, requestDigest, createdAt }
}

function invalidKey(message: string): Refusal {
  const fields = [{ field: 'Idempotency-Key', message }]
  return new Refusal('invalid_input', `The Idempotency-Key ${message}.`, { fields })
}
