import type { Terminal } from './terminal.ts'

export function writeLines(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.out(`${line}\n`)
}

/** What `--json` prints: the server's own answer. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, terminal.isTty ? 2 : 0)}\n`)
}
