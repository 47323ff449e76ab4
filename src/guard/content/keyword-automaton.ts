import { foldCase, isSeparator } from './keyword-symbols.ts'

/** Called for a keyword in the text, with its bounds in units of the text. Returns whether it was taken. */
type Report = (start: number, end: number) => boolean

/** Finds many keywords in one pass over a text. It is built once for each list of keywords. */
export interface KeywordAutomaton {
  /**
   * Reports every position where a keyword ends, the longest one first, until `report` takes one. The work is linear in
   * the text's length, whatever the keywords are and however many (scan-cost.test.ts).
   */
  scan(text: string, report: Report): void
}

/** The symbol that stands for every run of separators. */
const separator = 0x20
const asciiMax = 128
/** The upper bound of code points, so that a node and a symbol make one number. */
const symbolsMax = 0x110000

/** An Aho-Corasick automaton over the symbols of the keywords. Keywords of separators alone are left out. */
export function createKeywordAutomaton(keywords: readonly string[]): KeywordAutomaton {
  const trie = createTrie()
  for (const keyword of keywords) {
    const symbols = symbolsOf(keyword)
    if (symbols.some((symbol) => symbol !== separator)) trie.add(symbols)
  }
  return { scan: createScan(trie, linkSuffixes(trie)) }
}

interface Trie {
  add(symbols: readonly number[]): void
  child(node: number, symbol: number): number | undefined
  readonly children: ReadonlyMap<number, number>
  /** The number of symbols that lead to each node. */
  readonly depths: readonly number[]
  /** The nodes at which a keyword ends. */
  readonly ends: ReadonlySet<number>
}

function createTrie(): Trie {
  const children = new Map<number, number>()
  const depths = [0]
  const ends = new Set<number>()
  const child = (node: number, symbol: number) => children.get(node * symbolsMax + symbol)
  return {
    children,
    depths,
    ends,
    child,
    add(symbols) {
      let node = 0
      for (const symbol of symbols) {
        let next = child(node, symbol)
        if (next === undefined) {
          next = depths.length
          depths.push((depths[node] ?? 0) + 1)
          children.set(node * symbolsMax + symbol, next)
        }
        node = next
      }
      ends.add(node)
    },
  }
}

interface SuffixLinks {
  /** For each node, the node of its longest proper suffix that begins a keyword. */
  readonly fails: Int32Array
  /** For each node, itself or the first node along `fails` at which a keyword ends, or 0. */
  readonly ends: Int32Array
}

/**
 * Computes the suffix links. Nodes are numbered parent first but not level by level, so that they are taken in the
 * order of their depth.
 */
function linkSuffixes(trie: Trie): SuffixLinks {
  const fails = new Int32Array(trie.depths.length)
  const ends = new Int32Array(trie.depths.length)
  const edges = [...trie.children].map(([key, node]) => ({ key, node, depth: trie.depths[node] ?? 0 }))
  for (const { key, node, depth } of edges.sort((a, b) => a.depth - b.depth)) {
    const symbol = key % symbolsMax
    if (depth > 1) fails[node] = step(trie, fails, fails[(key - symbol) / symbolsMax] ?? 0, symbol)
    ends[node] = trie.ends.has(node) ? node : (ends[fails[node] ?? 0] ?? 0)
  }
  return { fails, ends }
}

/** The node that one more symbol leads to. Each step along `fails` was paid for by a symbol that led down. */
function step(trie: Trie, fails: Int32Array, from: number, symbol: number): number {
  for (let node = from; ; node = fails[node] ?? 0) {
    const next = trie.child(node, symbol)
    if (next !== undefined) return next
    if (node === 0) return 0
  }
}

function createScan(trie: Trie, { fails, ends }: SuffixLinks): KeywordAutomaton['scan'] {
  /** Whether an ASCII character can begin a keyword. Most characters of most texts cannot and cost one look. */
  const begins = new Uint8Array(asciiMax)
  // The key of a child of the root is its symbol. Every other key is out of the range of this array and not kept.
  for (const key of trie.children.keys()) begins[key] = 1
  const longest = trie.depths.reduce((most, depth) => Math.max(most, depth), 0) + 1
  return (text, report) => {
    /** The positions at which the last symbols began. */
    const starts = new Int32Array(longest)
    let node = 0
    let count = 0
    for (let at = 0; at < text.length; ) {
      const start = at
      const codePoint = text.codePointAt(at) ?? 0
      at += codePoint < 0x10000 ? 1 : 2
      const isGap = isSeparator(codePoint)
      if (isGap) while (isSeparator(text.codePointAt(at) ?? 0)) at++
      const symbol = isGap ? separator : foldCase(codePoint)
      if (node === 0 && begins[symbol] === 0) continue
      starts[count % longest] = start
      count++
      node = step(trie, fails, node, symbol)
      for (let end = ends[node] ?? 0; end !== 0; end = ends[fails[end] ?? 0] ?? 0) {
        const first = starts[(count - (trie.depths[end] ?? 0)) % longest] ?? 0
        if (report(first, at)) break
      }
    }
  }
}

function symbolsOf(keyword: string): number[] {
  const symbols: number[] = []
  for (const character of keyword) {
    const codePoint = character.codePointAt(0) ?? 0
    if (!isSeparator(codePoint)) symbols.push(foldCase(codePoint))
    else if (symbols.at(-1) !== separator) symbols.push(separator)
  }
  return symbols
}
