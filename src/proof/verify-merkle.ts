import { emptyTreeHash, nodeHash } from './merkle.ts'

// RFC 9162, 2.1.3.2 and 2.1.4.2: the trees of RFC 6962, with the steps of verification in detail. The result is a
// boolean for every input, since proofs come from strangers.

/** A claim that a leaf belongs to a tree. */
export interface InclusionClaim {
  readonly leaf: string
  readonly index: number
  readonly size: number
  readonly proof: readonly string[]
  readonly root: string
}

/** Whether this leaf hash is number `index` of the `size` leaves below this root. */
export function verifyInclusion({ leaf, index, size, proof, root }: InclusionClaim): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  let [place, last] = [index, size - 1]
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash)
      while (place % 2 === 0 && place > 0) [place, last] = [half(place), half(last)]
    } else {
      hash = nodeHash(hash, sibling)
    }
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && hash === root
}

/** A claim that a tree extends another one. */
export interface ConsistencyClaim {
  readonly from: number
  readonly to: number
  readonly proof: readonly string[]
  readonly fromRoot: string
  readonly toRoot: string
}

/** Whether the tree of `to` leaves with the one root begins with the tree of `from` leaves with the other root. */
export function verifyConsistency({ from, to, proof, fromRoot, toRoot }: ConsistencyClaim): boolean {
  if (!isSize(from) || !isSize(to) || from > to) return false
  if (![fromRoot, toRoot, ...proof].every(isHash)) return false
  if (to === 0) return proof.length === 0 && fromRoot === emptyTreeHash && toRoot === emptyTreeHash
  if (from === 0) return proof.length === 0 && fromRoot === emptyTreeHash
  if (from === to) return proof.length === 0 && fromRoot === toRoot
  let [place, last] = [from - 1, to - 1]
  while (place % 2 === 1) [place, last] = [half(place), half(last)]
  const [first, ...rest] = place === 0 ? [fromRoot, ...proof] : proof
  if (first === undefined) return false
  let [oldHash, newHash] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
      while (place % 2 === 0 && place > 0) [place, last] = [half(place), half(last)]
    } else {
      newHash = nodeHash(newHash, sibling)
    }
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && oldHash === fromRoot && newHash === toRoot
}

function half(n: number): number {
  return Math.floor(n / 2)
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/u.test(text)
}
