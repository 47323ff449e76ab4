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
    /** A POST that changes nothing: repeating it does no harm, so that an Idempotency-Key is neither needed nor refused. */
    readsOnly?: boolean
  }
}

/** What routes that honour an `Idempotency-Key` may refuse for it, beside what they refuse anyway. */
export const idempotencyRefusals: readonly RefusalCode[] = ['idempotency_mismatch', 'idempotency_in_progress']

/** Does what a request asks; the request is given where it may be repeated, and belongs into the commit of what is done. */
type Act<Result> = (request: IdempotentRequest | undefined) => Promise<Result>

/** A task that a request began or changed, as it was right after that. */
export interface ChangedTask {
  readonly snapshot: AccessedTask
  /** The last event before those of the request, where this is a repetition; undefined where the caller knows it itself. */
  readonly replayedAfter: number | undefined
}

interface OnlyOnce {
  make<Made extends object>(request: FastifyRequest, reply: FastifyReply, act: Act<Made>): Promise<Made>
  change(request: FastifyRequest, reply: FastifyReply, act: Act<TaskSnapshot>): Promise<ChangedTask>
}

/**
 * Makes what a POST asks for, once for all requests with the same `Idempotency-Key`: a repetition gets what was made then, from
 * which the same answer follows, and the header `Idempotent-Replayed`. What is made is plain data, and no secret of it in clear.
 * Refuses `idempotency_mismatch` for another request under the key and `idempotency_in_progress` while the first is under way.
 * A request that was refused is not remembered. The key belongs to its user.
 */
export function makeOnce<Made extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  act: Act<Made>,
): Promise<Made> {
  return request.server.onlyOnce.make(request, reply, act)
}

/** `makeOnce` for what begins or changes a task: nothing of the task is kept beside it, since its journal tells what it was. */
export function changeOnce(request: FastifyRequest, reply: FastifyReply, act: Act<TaskSnapshot>): Promise<ChangedTask> {
  return request.server.onlyOnce.change(request, reply, act)
}

/**
 * Takes `Idempotency-Key` on the POST routes that say they may refuse one that was used for another request. Every other POST
 * that changes something refuses the header, so that no client relies on what is not there.
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

  /** Does it, or finds what it came to before. What changed nothing is kept here: then there was no commit to keep it with. */
  async function once<Result>(
    request: FastifyRequest,
    reply: FastifyReply,
    act: Act<Result>,
    { recall, outcomeOf }: Kind<Result>,
  ): Promise<Result> {
    const wanted = idempotentRequest(request, spoken, clock.now())
    if (wanted === undefined) return act(undefined)
    const { ownerId, key, requestDigest } = wanted
    const name = `${ownerId} ${key}`
    if (underWay.has(name)) throw idempotencyInProgress()
    underWay.add(name)
    try {
      const known = await store.readIdempotency(ownerId, key)
      if (known === undefined) {
        const result = await act(wanted)
        if ((await store.readIdempotency(ownerId, key)) === undefined) {
          await commitOnce(store, { write: [] }, wanted, outcomeOf(result))
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
        // The digest names the route, so that this is what the same route made.
        recall: async ({ made }) => made as Made,
        outcomeOf: (made) => ({ made }),
      }),
    change: (request, reply, act) => {
      const acted: Act<ChangedTask> = async (wanted) => ({
        snapshot: fullyShown(await act(wanted)),
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

/** What the header says of this request; undefined without the header. Refuses `invalid_input`. */
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
  // The credential too: what one may make, another of the same user must not be shown, a secret least of all.
  const { userId: ownerId, keyId, role } = principal
  const said = { dialect: spoken(raw), path: routeOptions.url, params, body, keyId, role }
  const requestDigest = createHash('sha256')
    .update(canonicalize(said) ?? '')
    .digest('hex')
  return { ownerId, key, requestDigest, createdAt }
}

function invalidKey(message: string): Refusal {
  const fields = [{ field: 'Idempotency-Key', message }]
  return new Refusal('invalid_input', `The Idempotency-Key ${message}.`, { fields })
}
