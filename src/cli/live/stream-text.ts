import type { DeltaMessage } from '../../api/native/contract/delta.ts'
import { printable } from '../format/printable.ts'
import type { Paint } from '../terminal.ts'
import type { StatusLine } from './status-line.ts'

/** Prints the texts of one run, step by step, each once: first as it streams, then what the committed event adds. */
export interface TextStream {
  /** Text of the step whose turn it is. */
  print(delta: DeltaMessage): void
  /** The whole text of the step, committed: prints what was not printed yet. */
  complete(text: string): void
  /** Drops the streamed text of a call that will not be answered. The next call starts afresh. */
  drop(): void
}

/** Creates the stream of one run. It writes through the status line, so that the line stays below the text. */
export function createTextStream(line: StatusLine, paint: Paint): TextStream {
  let printed = ''
  let kind: DeltaMessage['type'] | undefined
  let attempt = 0
  const drop = () => {
    line.endLine()
    printed = ''
    kind = undefined
  }
  return {
    print({ type, data }) {
      if (type === 'action.progress') return
      if (attempt !== 0 && data.attempt !== attempt) drop()
      if (kind !== type) line.endLine()
      attempt = data.attempt
      kind = type
      if (type === 'text.delta') printed += data.text
      line.write(paint(type === 'reasoning.delta' ? 'quiet' : 'plain', printable(data.text)))
    },
    complete(text) {
      const continues = printed !== '' && kind === 'text.delta' && text.startsWith(printed)
      if (!continues) line.endLine()
      line.write(printable(continues ? text.slice(printed.length) : text))
      drop()
    },
    drop,
  }
}
