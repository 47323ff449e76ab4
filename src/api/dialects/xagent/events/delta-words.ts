import type { Delta } from '../../../../live/live.ts'
import { deltaFrame } from '../../../stream/sse-frame.ts'
import { messageIdOf } from '../steps/fold-steps.ts'
import { cutText } from './cut-text.ts'

/**
 * The deltas of a text as frames that a client may simply put one after the other. What a snapshot repeats is left out. A
 * text that begins anew (its model call is tried again) is not shown as it comes: `message.completed` brings the whole.
 */
export function createDeltaWords(): (delta: Delta) => string {
  let shown = { id: '', attempt: 0, index: -1, chars: 0, abandoned: false }
  return ({ kind, run, attempt, step, index, text, snapshot }) => {
    if (kind !== 'text.delta') return ''
    const id = messageIdOf(run, step)
    if (shown.id !== id) shown = { id, attempt, index: -1, chars: 0, abandoned: false }
    if (shown.attempt !== attempt || (!snapshot && index <= shown.index)) shown.abandoned = true
    if (shown.abandoned) return ''
    const more = snapshot ? text.slice(shown.chars) : text
    shown.index = index
    shown.chars += more.length
    if (more === '') return ''
    const cut = cutText(more)
    const data = { message_id: id, text: cut.text, ...(cut.truncated && { truncated: true }) }
    return deltaFrame('message.delta', JSON.stringify(data))
  }
}
