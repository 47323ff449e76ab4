/** Numbers that follow from a seed (mulberry32), for simulations whose failures name the seed. */
export function createSeededRandom(seed: number) {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    fraction,
    /** A whole number from `least` to `most`, both among them. */
    whole: (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1)),
    chance: (of: number) => fraction() < of,
    pick<T>(list: readonly [T, ...T[]]): T {
      return list[Math.floor(fraction() * list.length)] ?? list[0]
    },
  }
}

export type SeededRandom = ReturnType<typeof createSeededRandom>
