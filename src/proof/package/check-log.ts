import type { SignedHead } from '../../domain/statement.ts'
import { canonicalText } from '../canonical-json.ts'
import type { PublicKeyOf } from '../signed-statement.ts'
import { verifyHead } from '../tree-head.ts'
import { verifyInclusion } from '../verify-merkle.ts'
import type { AuditPackage, PackagedEnvelope } from './audit-package.ts'
import { BrokenLink, demand, demandEqual } from './broken-link.ts'
import type { PlacedStatement } from './open-statements.ts'

/** A signed head with the id of the key that signed it. */
export type Head = SignedHead & { readonly keyId: string }

/** Verifies the heads, each with the key that it names. */
export function openHeads(heads: readonly PackagedEnvelope[], publicKeyOf: PublicKeyOf): readonly Head[] {
  return heads.map((envelope, i) => {
    const head = verifyHead(canonicalText(envelope), publicKeyOf)
    if ('problem' in head) throw new BrokenLink(`heads[${i}]`, head.problem)
    return head
  })
}

/**
 * Checks that every statement is a leaf of its log below that log's only head, that the statements are listed log by
 * log, each in its own order and without repetition, and that the heads are in the order of the logs.
 */
export function checkLog(
  { statements }: AuditPackage,
  placed: readonly PlacedStatement[],
  heads: readonly Head[],
): void {
  const logs: string[] = []
  let before = -1
  for (const [i, { log_id, leaf_index, inclusion }] of statements.entries()) {
    const { where, leaf } = placed[i] as PlacedStatement // There is one for each statement.
    if (log_id !== logs.at(-1)) {
      demand(!logs.includes(log_id), where, `the statements of the log ${log_id} do not stand together`)
      logs.push(log_id)
      before = -1
    }
    demand(leaf_index > before, where, `the leaf ${leaf_index} does not come after the leaf ${before} of its log`)
    before = leaf_index
    const head = heads.find(({ logId }) => logId === log_id)
    demand(head !== undefined, where, `there is no head of the log ${log_id}`)
    demand(leaf_index < head.size, where, `the leaf ${leaf_index} is not below a head over ${head.size} leaves`)
    const claim = { leaf, index: leaf_index, size: head.size, proof: inclusion, root: head.root }
    demand(verifyInclusion(claim), where, `its audit path does not lead to the head of the log ${log_id}`)
  }
  const named = heads.map(({ logId }) => logId)
  demandEqual('heads', 'their logs', named, logs, 'the statements')
}
