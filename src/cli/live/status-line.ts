import { shorten } from '../format/printable.ts'
import type { Terminal } from '../terminal.ts'

const clearLine = '\r\u001b[2K'

/**
 * Output that only ever grows, with one line below it that tells what is going on. The line is there only while the output
 * stands at the start of a line, and is cleared before anything is written: nothing that was printed is touched again.
 * Without a person looking there is no line, and this writes through.
 */
export interface StatusLine {
  write(text: string): void
  /** Ends the line that is being written, where there is one. */
  endLine(): void
  set(text: string): void
  /** Takes the line away; whoever writes after it finds a clean terminal. */
  close(): void
}

/**
 * Creates the line. `decorate` may add colours, but no columns: the text is shortened to the width of the terminal
 * before.
 */
export function createStatusLine(terminal: Terminal, decorate: (text: string) => string): StatusLine {
  let atLineStart = true
  let shown = false
  let status = ''

  const hide = () => {
    if (shown) terminal.out(clearLine)
    shown = false
  }
  const show = () => {
    if (!terminal.isTty || !atLineStart || status === '') return
    terminal.out(decorate(shorten(status, terminal.columns - 1))) // a line that wraps could not be cleared
    shown = true
  }
  const write = (text: string) => {
    if (text === '') return
    hide()
    terminal.out(text)
    atLineStart = text.endsWith('\n')
    show()
  }
  return {
    write,
    endLine() {
      if (!atLineStart) write('\n')
    },
    set(text) {
      if (text === status && shown) return
      hide()
      status = text
      show()
    },
    close() {
      hide()
      status = ''
    },
  }
}
