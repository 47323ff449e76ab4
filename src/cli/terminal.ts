/** Where a command writes. Tests hand in one that collects. */
export interface Terminal {
  /** Standard output, as it is: a line brings its own line break. */
  out(text: string | Uint8Array): void
  /** Standard error, likewise. */
  err(text: string): void
  /** Whether a person looks at standard output: only then is there a status line, and text as it streams. */
  readonly isTty: boolean
  /** How wide a line may be: as the terminal is, else as `COLUMNS` says, else 120. */
  readonly columns: number
  /** The same for a table, which is mostly read on a terminal in the end: 80 where nothing says more. */
  readonly tableColumns: number
  readonly coloured: boolean
}

interface Stream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string | Uint8Array): unknown
}

export interface Environment {
  readonly [name: string]: string | undefined
}

/** The terminal of this process. `NO_COLOR` (not empty) and `TERM=dumb` take the colours, `FORCE_COLOR` brings them. */
export function createTerminal(out: Stream, err: Stream, env: Environment): Terminal {
  const isTty = out.isTTY === true
  return {
    out(text) {
      out.write(text)
    },
    err(text) {
      err.write(text)
    },
    isTty: isTty && env['TERM'] !== 'dumb',
    get columns() {
      return columnsOf(out, env) ?? 120
    },
    get tableColumns() {
      return columnsOf(out, env) ?? 80
    },
    coloured: isColoured(isTty, env),
  }
}

function columnsOf(out: Stream, env: Environment): number | undefined {
  return out.columns || Number.parseInt(env['COLUMNS'] ?? '', 10) || undefined
}

function isColoured(isTty: boolean, env: Environment): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTty && env['TERM'] !== 'dumb'
}
