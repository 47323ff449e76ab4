import type { Digest } from '../../domain/content.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SignedHead } from '../../domain/statement.ts'
import { consistencyProof, inclusionProof, rootOf } from '../../proof/merkle.ts'
import type { ServerDeps } from '../server-deps.ts'
import { storedNodes } from './stored-nodes.ts'

/**
 * The newest signed head of the log that grows; it covers every statement that was committed before the call. Of an older
 * log (by its id) the last head that was signed: nothing is signed in its name any more. Refuses `invalid_input`.
 */
export async function readLogHead(deps: ServerDeps, logId = deps.notary.logId): Promise<SignedHead> {
  if (logId === deps.notary.logId) return await deps.logKeeper.cover()
  const head = await deps.store.readLogHead(logId)
  if (head === undefined) throw schemaError('log_id', 'names no log of this server')
  return head
}

/** Which leaf: of a statement by its digest, else by its place in a log (the one that grows unless it is named). */
export interface InclusionRequest {
  readonly statement?: Digest
  readonly leafIndex?: number
  readonly logId?: string
  /** Of the tree that the leaf is proven to be in; as the newest head has it unless said otherwise. */
  readonly size?: number
}

export interface InclusionProof {
  readonly head: SignedHead
  readonly logId: string
  readonly leafIndex: number
  /** Hashes are 64 hex digits. */
  readonly leaf: string
  readonly size: number
  readonly root: string
  /** RFC 6962, 2.1.1: from the leaf up. */
  readonly proof: readonly string[]
}

/**
 * Proves that a leaf is in the tree of a size that a head was or could have been signed for.
 * Refuses `statement_not_found`, and `invalid_input` with what is allowed.
 */
export async function proveInclusion(deps: ServerDeps, request: InclusionRequest): Promise<InclusionProof> {
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

async function findLeaf(deps: ServerDeps, { statement, leafIndex, logId }: InclusionRequest) {
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

export interface ConsistencyRequest {
  readonly from: number
  /** The size of the newest head unless said otherwise. */
  readonly to?: number
  readonly logId?: string
}

export interface ConsistencyProof {
  readonly head: SignedHead
  readonly logId: string
  readonly from: number
  readonly fromRoot: string
  readonly to: number
  readonly toRoot: string
  /** RFC 6962, 2.1.2. */
  readonly proof: readonly string[]
}

/** Proves that the log of `to` leaves begins with that of `from` leaves. Refuses `invalid_input` with what is allowed. */
export async function proveConsistency(
  deps: ServerDeps,
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
