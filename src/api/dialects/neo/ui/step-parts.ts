import type { UiChunk } from './ui-chunk.ts'

const kinds = ['reasoning', 'text'] as const
type Kind = (typeof kinds)[number]

/** What a step's response has shown so far, by kind; nothing for a part that was not opened. */
export type StepParts = Readonly<Partial<Record<Kind, { readonly id: string; readonly text: string }>>>

export const noParts: StepParts = {}

/** What comes before it is committed. A snapshot holds all so far: of it only what is new is shown. */
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
 * The committed response: what was not shown yet, and the end of its parts. Where something else was shown (of a try that failed), all
 * of it is taken back first.
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

/** The end of what is open. */
export function closeParts(parts: StepParts): UiChunk[] {
  return kinds.flatMap((kind) => {
    const { id } = parts[kind] ?? {}
    return id === undefined ? [] : [{ type: `${kind}-end`, id } as const]
  })
}
