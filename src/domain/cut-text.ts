/** The share of the text that may be given up in order to end with a whole word. */
const givenUpMax = 0.4

/**
 * Truncates a text that is longer than `length` UTF-16 units and adds `…`. It ends with a whole word, unless that would
 * give up too much.
 */
export function cutText(text: string, length: number): string {
  const kept = text.slice(0, length)
  if (/^\s/u.test(text.slice(length))) return `${kept.trimEnd()}…`
  const words = kept.search(/\s+\S*$/u)
  return `${words >= length * (1 - givenUpMax) ? kept.slice(0, words) : kept}…`
}
