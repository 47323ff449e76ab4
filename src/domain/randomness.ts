/** The only source of randomness. Tests use a repeatable one. */
export interface Randomness {
  /** Makes a UUID of version 7, which sorts by the time at which it was made. */
  newId(): string
  /** Makes a salt of 32 hexadecimal digits. */
  newSalt(): string
  /** A random number in [0, 1). */
  fraction(): number
}
