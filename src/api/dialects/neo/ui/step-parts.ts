import type { UiChunk } from './ui-chunk.ts'

const kinds = ['reasoning', 'text'] as const
type Kind = (typeof kinds)[number]

/** The text of a step's response that was shown so far, by kind. A kind whose part was not opened is absent. */
export type StepParts = Readonly<Partial<Record<Kind, { readonly id: string; readonly text: string }>>>

/** The parts of a step of which nothing was shown. The same object is used always, so that it can be compared. */
export const noParts: StepParts = {}

/**
 * Shows a delta before its response is committed. A snapshot holds the whole text so far, and only its new end is
 * shown.
 */
export function showDelta(
  before: StepParts,
  step: string,
  kind: Kind,
  { text, snapshot }: { readonly text: string; readonly snapshot: boolean },
): { parts: StepParts; chunks: UiChunk[] } {
  const { id, text: shown } = before[kind] ?? { id: `${step}.${kind}`, text: '' }
  const delta = snapshot ? text.slice(shown.length) : text
  const chunks: UiChunk[] = before[kind] === undefined ? [{ type: `${kind}-start`, id }] : []
  if (delta !== '') chunks.push({ type: `${kind}-delta`, id, delta })
  return { parts: { ...before, [kind]: { id, text: shown + delta } }, chunks }
}

/**
 * Shows the rest of a committed response, and closes its parts. Where another text was shown, as by a call that
 * failed, all of it is taken back first.
 */
export function showWhole(before: StepParts, step: string, texts: Readonly<Record<string, string>>): UiChunk[] {
  const fits = kinds.every((kind) => (texts[kind] ?? '').startsWith(before[kind]?.text ?? ''))
  const shown = fits ? before : noParts
  const chunks: UiChunk[] = fits ? [] : [{ type: 'reset-step' }]
  for (const kind of kinds) {
    const whole = texts[kind]
    const open = shown[kind]
    if (whole === undefined && open === undefined) continue
    const { id, text } = open ?? { id: `${step}.${kind}`, text: '' }
    if (open === undefined) chunks.push({ type: `${kind}-start`, id })
    const rest = (whole ?? '').slice(text.length)
    if (rest !== '') chunks.push({ type: `${kind}-delta`, id, delta: rest })
    chunks.push({ type: `${kind}-end`, id })
  }
  return chunks
}

/** Closes the parts that are open. */
export function closeParts(parts: StepParts): UiChunk[] {
  return kinds.flatMap((kind) => {
    const { id } = parts[kind] ?? {}
    return id === undefined ? [] : [{ type: `${kind}-end`, id } as const]
  })
}
