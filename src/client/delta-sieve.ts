import type { DeltaMessage } from '../api/native/contract/delta.ts'

/**
 * Passes streamed text on exactly once. After a reconnect the server sends a snapshot of all the text so far, of which
 * only the new part is passed on, as a plain delta. Where something was lost in between, the rest of that text is held
 * back: it would not fit, and the committed event brings all of it.
 */
export function createDeltaSieve(): { pass(message: DeltaMessage): DeltaMessage | undefined } {
  const texts = new Map<string, { index: number; chars: number; broken: boolean }>()
  return {
    pass(message) {
      const { type, data } = message
      const name = [data.run, data.attempt, data.step, type, data.action].join(' ')
      const text = texts.get(name) ?? { index: -1, chars: 0, broken: false }
      texts.set(name, text)
      if (data.index <= text.index) return undefined
      text.broken ||= !data.snapshot && data.index > text.index + 1
      if (text.broken) return undefined
      const fresh = data.snapshot ? data.text.slice(text.chars) : data.text
      text.index = data.index
      text.chars += fresh.length
      return fresh === '' ? undefined : { type, data: { ...data, text: fresh, snapshot: false } }
    },
  }
}
