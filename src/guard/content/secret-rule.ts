/** The rule that recognises one kind of secret. */
export interface SecretRule {
  /** The name. The detector is `secret:<name>`. */
  readonly name: string
  /**
   * The texts (three characters at least) of which one must occur for the rule to be applied, so that a text without
   * secrets costs little.
   */
  readonly anchors: readonly string[]
  /**
   * Reports the positions of such secrets in a text. Invariant: a failed match costs a bounded number of steps for each
   * anchor (scan-cost.test.ts), so that the whole stays linear.
   */
  readonly find: (text: string, report: (start: number, end: number) => void) => void
}

/**
 * A rule made of a pattern. The first group, where there is one, is the secret; otherwise the whole match is. `holds`
 * is a further condition on the value, against words that only look like a secret.
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
        // The group is searched from the end of the match, since the text before it may hold the same.
        const start = match.index + match[0].lastIndexOf(secret)
        report(start, start + secret.length)
      }
    },
  }
}
