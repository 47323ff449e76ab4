import type { Digest } from '../../domain/content.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SignedHead } from '../../domain/statement.ts'
import { consistencyProof, inclusionProof, rootOf } from '../../proof/merkle.ts'
import type { ServerDeps } from '../server-deps.ts'
import { storedNodes } from './stored-nodes.ts'

/**
 * Reads the newest signed head of the log that grows; it covers every statement that was committed before the call. An older
 * log (by its id) has its last head: nothing more is signed in its name. Refuses `invalid_input`.
 */
export async function readLogHead(
  deps: Pick<ServerDeps, 'logKeeper' | 'notary' | 'store'>,
  logId = deps.notary.logId,
): Promise<SignedHead> {
  if (logId === deps.notary.logId) return await deps.logKeeper.cover()
  const head = await deps.store.readLogHead(logId)
  if (head === undefined) throw schemaError('log_id', 'names no log of this server')
  return head
}

/**
 * The leaf to prove: that of a statement, by its digest, or one by its index in a log (the one that grows unless it is
 * named).
 */
export interface InclusionRequest {
  readonly statement?: Digest | undefined
  readonly leafIndex?: number | undefined
  readonly logId?: string | undefined
  /** The size of the tree in which the leaf is proven to be; that of the newest head where it is left out. */
  readonly size?: number | undefined
}

/** The proof that a leaf is in the tree of a size (RFC 6962, 2.1.1). */
export interface InclusionProof {
  readonly head: SignedHead
  readonly logId: string
  readonly leafIndex: number
  /** The hash of the leaf. All hashes are 64 hex digits. */
  readonly leaf: string
  readonly size: number
  readonly root: string
  /** The path from the leaf up. */
  readonly proof: readonly string[]
}

/**
 * Proves that a leaf is in the tree of a size that a head was or could have been signed for. Refuses `statement_not_found`,
 * and `invalid_input` with what is allowed.
 */
export async function proveInclusion(
  deps: Pick<ServerDeps, 'logKeeper' | 'notary' | 'store'>,
  request: InclusionRequest,
): Promise<InclusionProof> {
  const { logId, leafIndex, head } = await findLeaf(deps, request)
  const size = request.size ?? head.size
  if (!isBetween(leafIndex + 1, size, head.size)) {
    throw schemaError('size', `must be from ${leafIndex + 1} to ${head.size}, the size of the newest head`)
  }
  const readNode = storedNodes(deps.store, logId)
  const leaf = await readNode(0, leafIndex)
  const proof = await inclusionProof(leafIndex, size, readNode)
  return { head, logId, leafIndex, leaf, size, root: await rootOf(size, readNode), proof }
}

async function findLeaf(
  deps: Pick<ServerDeps, 'logKeeper' | 'notary' | 'store'>,
  { statement, leafIndex, logId }: InclusionRequest,
) {
  if (statement !== undefined) {
    const found = await deps.store.readStatement(statement)
    if (found === undefined) throw new Refusal('statement_not_found', 'There is no such statement.')
    const head = await readLogHead(deps, found.logId)
    if (found.leafIndex >= head.size) {
      throw new Refusal('statement_not_found', 'The statement is of a former log, and no head of that covers it.')
    }
    return { logId: found.logId, leafIndex: found.leafIndex, head }
  }
  const head = await readLogHead(deps, logId)
  if (head.size === 0) throw schemaError('leaf_index', 'names nothing: the log has no leaves yet')
  if (leafIndex === undefined || !isBetween(0, leafIndex, head.size - 1)) {
    throw schemaError('leaf_index', `must be from 0 to ${head.size - 1}, or a statement must be named`)
  }
  return { logId: head.logId, leafIndex, head }
}

/** The two sizes of a log to compare. */
export interface ConsistencyRequest {
  readonly from: number
  /** The size of the newest head where it is left out. */
  readonly to?: number | undefined
  readonly logId?: string | undefined
}

/** The proof that the tree of `from` leaves is a prefix of that of `to` (RFC 6962, 2.1.2). */
export interface ConsistencyProof {
  readonly head: SignedHead
  readonly logId: string
  readonly from: number
  readonly fromRoot: string
  readonly to: number
  readonly toRoot: string
  readonly proof: readonly string[]
}

/** Proves that the log of `to` leaves begins with that of `from` leaves. Refuses `invalid_input` with what is allowed. */
export async function proveConsistency(
  deps: Pick<ServerDeps, 'logKeeper' | 'notary' | 'store'>,
  { from, to, logId }: ConsistencyRequest,
): Promise<ConsistencyProof> {
  const head = await readLogHead(deps, logId)
  const until = to ?? head.size
  if (!isBetween(0, until, head.size))
    throw schemaError('to', `must be from 0 to ${head.size}, the size of the newest head`)
  if (!isBetween(0, from, until)) throw schemaError('from', `must be from 0 to ${until}`)
  const readNode = storedNodes(deps.store, head.logId)
  return {
    head,
    logId: head.logId,
    from,
    fromRoot: await rootOf(from, readNode),
    to: until,
    toRoot: await rootOf(until, readNode),
    proof: await consistencyProof(from, until, readNode),
  }
}

function isBetween(least: number, value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

function schemaError(field: string, message: string): Refusal {
  return new Refusal('invalid_input', `${field} ${message}.`, { fields: [{ field, message }] })
}
