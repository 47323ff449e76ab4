import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  completedNodes,
  consistencyProof,
  emptyTreeHash,
  inclusionProof,
  leafHash,
  nodeHash,
  type ReadNode,
  rootOf,
  treeHash,
} from './merkle.ts'
import { verifyConsistency, verifyInclusion } from './verify-merkle.ts'

// The vectors that the reference implementations of Certificate Transparency publish for RFC 6962.
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')))
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const paths: readonly [index: number, size: number, proof: readonly string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]
const growths: readonly [from: number, to: number, proof: readonly string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

/** The perfect subtrees of a tree, each recomputed from its leaves; refuses what is not complete. Counts what is read. */
function nodesOf(all: readonly string[]): { readNode: ReadNode; reads: () => number } {
  let reads = 0
  const readNode = (level: number, index: number) => {
    reads += 1
    const width = 2 ** level
    const below = all.slice(index * width, (index + 1) * width)
    if (!Number.isInteger(index) || below.length !== width) throw new Error(`There is no node ${level}/${index}.`)
    return treeHash(below)
  }
  return { readNode, reads: () => reads }
}

const treeLeaves = (min: number) =>
  fc.integer({ min, max: 70 }).map((size) => Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`leaf ${i}`))))

/** Another hash: one bit of it is changed. */
function flip(hash: string, bit: number): string {
  const bytes = Buffer.from(hash, 'hex')
  const at = Math.floor(bit / 8) % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
  return bytes.toString('hex')
}

test('the published trees have the published roots', async () => {
  expect(emptyTreeHash).toBe(roots[0])
  for (const [size, root] of roots.entries()) {
    expect(treeHash(leaves.slice(0, size)), `${size} leaves`).toBe(root)
    expect(await rootOf(size, nodesOf(leaves).readNode), `${size} leaves`).toBe(root)
  }
})

test.each(paths)('leaf %i of %i has the published path', async (index, size, proof) => {
  expect(await inclusionProof(index, size, nodesOf(leaves).readNode)).toEqual(proof)
  expect(verifyInclusion({ leaf: leaves[index] ?? '', index, size, proof, root: roots[size] ?? '' })).toBe(true)
})

test.each(growths)('the proof from %i to %i is the published one', async (from, to, proof) => {
  expect(await consistencyProof(from, to, nodesOf(leaves).readNode)).toEqual(proof)
  expect(verifyConsistency({ from, to, proof, fromRoot: roots[from] ?? '', toRoot: roots[to] ?? '' })).toBe(true)
})

test('leaves and nodes are hashed apart, so that no node passes for a leaf', () => {
  const [left = '', right = ''] = leaves
  expect(nodeHash(left, right)).not.toBe(leafHash(Buffer.from(left + right, 'hex')))
})

test('every leaf of any tree is proven, and by few reads', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(1), fc.nat(), async (all, n) => {
      const [size, index] = [all.length, n % all.length]
      const { readNode, reads } = nodesOf(all)
      const proof = await inclusionProof(index, size, readNode)
      expect(verifyInclusion({ leaf: all[index] ?? '', index, size, proof, root: treeHash(all) })).toBe(true)
      expect(reads()).toBeLessThanOrEqual((Math.log2(size) + 1) ** 2)
    }),
  )
})

test('an inclusion with anything changed in it is not taken', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(1), fc.nat(), fc.nat(), fc.nat(), async (all, n, bit, other) => {
      const [size, index] = [all.length, n % all.length]
      const proof = await inclusionProof(index, size, nodesOf(all).readNode)
      const right = { leaf: all[index] ?? '', index, size, proof, root: treeHash(all) }
      const at = other % Math.max(proof.length, 1)
      const swapped = [...proof.slice(0, 2).reverse(), ...proof.slice(2)]
      const changed = [
        { ...right, leaf: flip(right.leaf, bit) },
        { ...right, root: flip(right.root, bit) },
        { ...right, index: other === index ? other + 1 : other },
        { ...right, index: index + 0.5 },
        { ...right, index: size },
        { ...right, index: -1 - other },
        { ...right, proof: [...proof, flip(right.root, bit)] },
        ...(proof.length === 0 ? [] : [{ ...right, proof: proof.with(at, flip(proof[at] ?? '', bit)) }]),
        ...(proof.length === 0 ? [] : [{ ...right, proof: proof.toSpliced(at, 1) }]),
        ...(proof.length === 0 ? [] : [{ ...right, proof: proof.with(at, `${proof[at]} `) }]),
        ...(proof.length < 2 ? [] : [{ ...right, proof: swapped }]),
      ]
      for (const claim of changed) expect(verifyInclusion(claim), JSON.stringify(claim)).toBe(false)
    }),
  )
})

test('a leaf is in a tree of its own size only, where another size would need another path', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(2), fc.nat(), fc.nat({ max: 140 }), async (all, n, claimed) => {
      const index = n % all.length
      const proof = await inclusionProof(index, all.length, nodesOf(all).readNode)
      const taken = verifyInclusion({ leaf: all[index] ?? '', index, size: claimed, proof, root: treeHash(all) })
      // The path says of the size only what shows on the way of this leaf; the signed head binds the rest.
      expect(taken).toBe(claimed > index && turns(index, claimed) === turns(index, all.length))
    }),
  )
})

/** On which side the siblings of a leaf stand, from the leaf up. */
function turns(index: number, size: number): string {
  let [start, end, sides] = [0, size, '']
  while (end - start > 1) {
    const middle = start + 2 ** (Math.ceil(Math.log2(end - start)) - 1)
    sides = (index < middle ? 'r' : 'l') + sides
    ;[start, end] = index < middle ? [start, middle] : [middle, end]
  }
  return sides
}

test('every tree is consistent with each of its beginnings, and by few reads', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(0), fc.nat(), async (all, n) => {
      const [from, to] = [n % (all.length + 1), all.length]
      const { readNode, reads } = nodesOf(all)
      const proof = await consistencyProof(from, to, readNode)
      const claim = { from, to, proof, fromRoot: treeHash(all.slice(0, from)), toRoot: treeHash(all) }
      expect(verifyConsistency(claim)).toBe(true)
      expect(reads()).toBeLessThanOrEqual((Math.log2(to + 1) + 1) ** 2)
    }),
  )
})

test('a consistency with anything changed in it is not taken', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(1), fc.nat(), fc.nat(), fc.nat(), async (all, n, bit, other) => {
      const [from, to] = [1 + (n % all.length), all.length]
      const proof = await consistencyProof(from, to, nodesOf(all).readNode)
      const right = { from, to, proof, fromRoot: treeHash(all.slice(0, from)), toRoot: treeHash(all) }
      const at = other % Math.max(proof.length, 1)
      const changed = [
        { ...right, fromRoot: flip(right.fromRoot, bit) },
        { ...right, toRoot: flip(right.toRoot, bit) },
        { ...right, from: to + 1 },
        { ...right, from: 0 },
        { ...right, to: from - 1 },
        { ...right, from: from - 0.5 },
        { ...right, proof: [...proof, flip(right.toRoot, bit)] },
        ...(proof.length === 0 ? [] : [{ ...right, proof: proof.with(at, flip(proof[at] ?? '', bit)) }]),
        ...(proof.length === 0 ? [] : [{ ...right, proof: proof.toSpliced(at, 1) }]),
      ]
      for (const claim of changed) expect(verifyConsistency(claim), JSON.stringify(claim)).toBe(false)
    }),
  )
})

test('an altered leaf makes the larger tree inconsistent with the smaller', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(1), fc.nat(), fc.nat(), async (all, n, bit) => {
      const from = 1 + (n % all.length)
      const at = bit % from
      const altered = all.with(at, flip(all[at] ?? '', bit))
      const proof = await consistencyProof(from, all.length, nodesOf(altered).readNode)
      const claim = { from, to: all.length, proof, fromRoot: treeHash(all.slice(0, from)), toRoot: treeHash(altered) }
      expect(verifyConsistency(claim)).toBe(false)
    }),
  )
})

test('the nodes that appending completes are those of the whole tree, each once', async () => {
  await fc.assert(
    fc.asyncProperty(treeLeaves(0), fc.array(fc.nat({ max: 20 })), async (all, sizes) => {
      const stored = new Map(all.map((leaf, index) => [`0/${index}`, leaf]))
      let done = 0
      for (const size of [...sizes, all.length]) {
        const batch = all.slice(done, done + size)
        let reads = 0
        const completed = await completedNodes(done, batch, (level, index) => {
          reads += 1
          if (level === 0 && index >= done) throw new Error('What is only being appended cannot be read yet.')
          const node = stored.get(`${level}/${index}`)
          if (node === undefined) throw new Error(`There is no node ${level}/${index}.`)
          return node
        })
        expect(reads).toBeLessThanOrEqual(Math.ceil(Math.log2(done + 1)) + 1)
        for (const { level, index, hash } of completed) {
          expect(stored.has(`${level}/${index}`)).toBe(false)
          stored.set(`${level}/${index}`, hash)
        }
        done += batch.length
      }
      const { readNode } = nodesOf(all)
      for (let width = 2, level = 1; width <= all.length; width *= 2, level += 1) {
        for (let index = 0; (index + 1) * width <= all.length; index += 1) {
          expect(stored.get(`${level}/${index}`)).toBe(await readNode(level, index))
          stored.delete(`${level}/${index}`)
        }
      }
      expect(stored.size).toBe(all.length)
    }),
  )
})

test('what a tree cannot have is not proven', async () => {
  const { readNode } = nodesOf(leaves)
  for (const index of [-1, 8, Number.NaN]) await expect(inclusionProof(index, 8, readNode)).rejects.toThrow(RangeError)
  await expect(consistencyProof(9, 8, readNode)).rejects.toThrow(RangeError)
})

test('sizes beyond 32 bits are walked without loss', () => {
  const [size, index] = [2 ** 40 + 1, 2 ** 40]
  const [left = '', leaf = ''] = leaves
  expect(verifyInclusion({ leaf, index, size, proof: [left], root: nodeHash(left, leaf) })).toBe(true)
  expect(verifyInclusion({ leaf, index: index - 1, size, proof: [left], root: nodeHash(left, leaf) })).toBe(false)
})
