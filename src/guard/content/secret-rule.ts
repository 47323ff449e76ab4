/** How one kind of secret is recognised. */
export interface SecretRule {
  /** The detector is `secret:<name>`. */
  readonly name: string
  /** The rule is only asked about a text that holds one of these (three characters at least): a text without secrets costs little. */
  readonly anchors: readonly string[]
  /**
   * Tells where in a text such secrets stand. Invariant: what fails costs a bounded number of steps for each anchor
   * (scan-cost.test.ts), so that the whole stays linear.
   */
  readonly find: (text: string, report: (start: number, end: number) => void) => void
}

/**
 * A rule that is a pattern. Its first group, where it has one, is the secret; else all of it is. `holds` says what a found
 * value must have besides, against words that only look like it.
 */
export function patternRule(
  name: string,
  anchors: readonly string[],
  pattern: RegExp,
  holds: (secret: string) => boolean = () => true,
): SecretRule {
  return {
    name,
    anchors,
    find(text, report) {
      for (const match of text.matchAll(pattern)) {
        const secret = match[1] ?? match[0]
        if (!holds(secret)) continue
        // A group is looked for from the end of the match: what stands before it may hold the same text.
        const start = match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(secret))
        report(start, start + secret.length)
      }
    },
  }
}
