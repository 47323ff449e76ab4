/** The only source of randomness; tests hand in a repeatable one. */
export interface Randomness {
  /** A UUID that sorts by the time it was made (version 7). */
  newId(): string
  /** 32 hex digits. */
  newSalt(): string
  /** In [0, 1). */
  fraction(): number
}
