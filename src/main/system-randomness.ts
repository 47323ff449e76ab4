import { randomBytes, randomFillSync } from 'node:crypto'
import type { Randomness } from '../domain/randomness.ts'

const pool = Buffer.alloc(8_192)

/** Cryptographic randomness, drawn in blocks: asking the system for every id would cost more than the id. */
export function createSystemRandomness(now: () => number): Randomness {
  let used = pool.length
  const take = (bytes: number): Buffer => {
    if (used + bytes > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += bytes
    return pool.subarray(used - bytes, used)
  }
  return {
    newId() {
      const random = take(10)
      const time = now().toString(16).padStart(12, '0')
      const hex = random.toString('hex')
      const variant = ((Number.parseInt(hex.charAt(3), 16) & 0x3) | 0x8).toString(16)
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`
    },
    newSalt: () => take(16).toString('hex'),
    fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  }
}
