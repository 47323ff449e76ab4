import { hash } from 'node:crypto'
import type { Signer } from '../../../src/domain/signer.ts'
import type { SignedHead, SignedStatement } from '../../../src/domain/statement.ts'
import { inclusionProof, treeHash } from '../../../src/proof/merkle.ts'
import type { ProvenStatement } from '../../../src/proof/package/build-package.ts'
import { signHead } from '../../../src/proof/tree-head.ts'

/** A log in memory, with leaves of others in between. */
export interface SampleLog {
  readonly logId: string
  readonly leaves: string[]
  readonly statements: { readonly signed: SignedStatement; readonly leafIndex: number }[]
}

export function openSampleLog(logId: string, othersBefore: number): SampleLog {
  const log: SampleLog = { logId, leaves: [], statements: [] }
  for (let i = 0; i < othersBefore; i += 1) addOther(log)
  return log
}

export function addOther({ logId, leaves }: SampleLog): void {
  leaves.push(hash('sha256', `${logId} ${leaves.length}`))
}

export function addStatement(log: SampleLog, signed: SignedStatement): void {
  log.statements.push({ signed, leafIndex: log.leaves.length })
  log.leaves.push(signed.leaf)
}

export function headOf({ logId, leaves }: SampleLog, signer: Signer, at: number): SignedHead {
  return signHead(signer, { logId, size: leaves.length, root: treeHash(leaves), at })
}

/** The statements of the log with their audit paths to its root as it is now. */
export function proveAll({ logId, leaves, statements }: SampleLog): Promise<ProvenStatement[]> {
  const nodes = new Map<string, string>()
  const readNode = (level: number, index: number) => {
    const key = `${level}/${index}`
    const width = 2 ** level
    const known = nodes.get(key) ?? treeHash(leaves.slice(index * width, (index + 1) * width))
    nodes.set(key, known)
    return known
  }
  const proven = statements.map(async ({ signed, leafIndex }) => {
    const inclusion = await inclusionProof(leafIndex, leaves.length, readNode)
    const { kind, run, envelope } = signed
    return { kind, run, envelope, logId, leafIndex, inclusion }
  })
  return Promise.all(proven)
}
