import type { Terminal } from '../../src/cli/terminal.ts'

export interface CollectingTerminal extends Terminal {
  /** What a person sees: cleared lines are gone. */
  screen(): string
  /** Everything that was written, as it was written. */
  written(): string
  errors(): string
}

/** A terminal that keeps what is written to it. */
export function createCollectingTerminal(options: { isTty?: boolean; columns?: number } = {}): CollectingTerminal {
  let out = ''
  let err = ''
  return {
    out(text) {
      out += typeof text === 'string' ? text : new TextDecoder().decode(text)
    },
    err(text) {
      err += text
    },
    isTty: options.isTty ?? false,
    columns: options.columns ?? 100,
    tableColumns: options.columns ?? 100,
    coloured: false,
    // Clearing takes away what stands after the last line break, and only that.
    screen: () =>
      out
        .split('\n')
        .map((line) => line.split('\r\u001b[2K').at(-1))
        .join('\n'),
    written: () => out,
    errors: () => err,
  }
}
