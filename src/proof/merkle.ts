import { hash } from 'node:crypto'

// The Merkle tree of RFC 6962. Hashes are 64 hexadecimal digits. A node (level, index) is the root of the perfect
// subtree over the 2^level leaves from index * 2^level on; level 0 holds the leaf hashes. Sizes exceed 2^31, so that no
// bit operators are used.

/** Reads a stored node of a tree. It is called only for perfect subtrees that are complete. */
export type ReadNode = (level: number, index: number) => string | Promise<string>

/** A node of a tree. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: string
}

/** The root of a tree without leaves. */
export const emptyTreeHash = hash('sha256', '', 'hex')

/** The hash of a leaf with these bytes. */
export function leafHash(bytes: Uint8Array): string {
  const prefixed = Buffer.allocUnsafe(1 + bytes.byteLength)
  prefixed[0] = 0
  prefixed.set(bytes, 1)
  return hash('sha256', prefixed, 'hex')
}

/** The hash of a node with these children. */
export function nodeHash(left: string, right: string): string {
  const prefixed = Buffer.allocUnsafe(65)
  prefixed[0] = 1
  prefixed.write(left, 1, 'hex')
  prefixed.write(right, 33, 'hex')
  return hash('sha256', prefixed, 'hex')
}

/** The root of the tree of these leaf hashes. */
export function treeHash(leaves: readonly string[]): string {
  let row = leaves
  while (row.length > 1) {
    const pairs: string[] = []
    for (let i = 0; i < row.length; i += 2) {
      const [left = '', right] = [row[i], row[i + 1]]
      pairs.push(right === undefined ? left : nodeHash(left, right)) // A single last node moves up unchanged.
    }
    row = pairs
  }
  return row[0] ?? emptyTreeHash
}

/** The root of the tree of the first `size` leaves. */
export async function rootOf(size: number, readNode: ReadNode): Promise<string> {
  return size === 0 ? emptyTreeHash : await rangeHash(0, size, readNode)
}

/**
 * Every perfect subtree above the leaves that is completed by appending these leaf hashes to a tree of `firstIndex`
 * leaves. It reads at most one node per level.
 */
export async function completedNodes(
  firstIndex: number,
  leaves: readonly string[],
  readNode: ReadNode,
): Promise<TreeNode[]> {
  const completed: TreeNode[] = []
  let start = firstIndex
  let row = [...leaves]
  for (let level = 0; row.length > 0; level += 1) {
    if (start % 2 === 1) {
      start -= 1
      row.unshift(await readNode(level, start))
    }
    start /= 2
    const pairs: string[] = []
    for (let i = 0; i + 1 < row.length; i += 2) pairs.push(nodeHash(row[i] ?? '', row[i + 1] ?? ''))
    for (const [i, pair] of pairs.entries()) completed.push({ level: level + 1, index: start + i, hash: pair })
    row = pairs
  }
  return completed
}

/** The audit path of a leaf (RFC 6962, 2.1.1), from the leaf up. */
export async function inclusionProof(index: number, size: number, readNode: ReadNode): Promise<string[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`A tree of ${size} has no leaf ${index}.`)
  const downwards: string[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + powerBelow(end - start)
    if (index < middle) {
      downwards.push(await rangeHash(middle, end, readNode))
      end = middle
    } else {
      downwards.push(await rangeHash(start, middle, readNode))
      start = middle
    }
  }
  return downwards.reverse()
}

/** The proof that the tree of `to` leaves begins with that of `from` (RFC 6962, 2.1.2). */
export async function consistencyProof(from: number, to: number, readNode: ReadNode): Promise<string[]> {
  if (!(from >= 0 && from <= to)) throw new RangeError(`A tree of ${to} does not begin with one of ${from}.`)
  if (from === 0 || from === to) return []
  const downwards: string[] = []
  let [start, end] = [0, to]
  while (end !== from) {
    const middle = start + powerBelow(end - start)
    if (from <= middle) {
      downwards.push(await rangeHash(middle, end, readNode))
      end = middle
    } else {
      downwards.push(await rangeHash(start, middle, readNode))
      start = middle
    }
  }
  // Otherwise it is the old root, which the verifier knows.
  if (start > 0) downwards.push(await rangeHash(start, end, readNode))
  return downwards.reverse()
}

/**
 * The root over the leaves from `start` up to `end`, a range of the RFC's recursion: it begins at a multiple of the
 * power of two that is not below its length.
 */
async function rangeHash(start: number, end: number, readNode: ReadNode): Promise<string> {
  const perfect: string[] = []
  for (let at = start; at < end; ) {
    const left = end - at
    const width = left > 1 && powerBelow(left) * 2 === left ? left : powerBelow(left)
    perfect.push(await readNode(Math.log2(width), at / width))
    at += width
  }
  return perfect.reduceRight((right, left) => nodeHash(left, right))
}

/** The largest power of two below n, and 1 for 1. */
function powerBelow(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}
