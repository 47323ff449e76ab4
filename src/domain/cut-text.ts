/** Of a word that a cut falls into, so much of the text may be given up for the sake of whole words. */
const givenUpMax = 0.4

/**
 * The first `length` UTF-16 units of a text that is longer, and `…`. It ends with a whole word, unless that would give up
 * too much of it.
 */
export function cutText(text: string, length: number): string {
  const kept = text.slice(0, length)
  if (/^\s/u.test(text.slice(length))) return `${kept.trimEnd()}…`
  const words = kept.search(/\s+\S*$/u)
  return `${words >= length * (1 - givenUpMax) ? kept.slice(0, words) : kept}…`
}
