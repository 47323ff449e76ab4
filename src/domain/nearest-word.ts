/**
 * The word that was most likely meant by `typed`: the nearest one by letters that were added, left out, replaced or
 * swapped with their neighbour. Undefined where not even half of the letters are right.
 */
export function nearestWord(typed: string, words: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let fewest = Math.max(2, Math.ceil(typed.length / 3)) + 1
  for (const word of words) {
    if (Math.abs(word.length - typed.length) >= fewest) continue
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase())
    if (distance >= fewest) continue
    fewest = distance
    nearest = word
  }
  return nearest
}

/** The optimal string alignment distance, by three rows of its table. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced)
      // Before its first letter a text has nothing, which is equal to no letter.
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return at(last, to.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
