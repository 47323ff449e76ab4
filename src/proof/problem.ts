/** Why something that was read is not what it should be, in words that end a sentence. A value, since it was to be expected. */
export interface Problem {
  readonly problem: string
}
