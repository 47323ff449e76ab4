import { styleText } from 'node:util'

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

/** The environment variables of the process. */
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

/** The kind of a piece of output. Its colour is decided here and nowhere else. */
export type Tone = 'plain' | 'heading' | 'quiet' | 'good' | 'bad' | 'warning' | 'tool'

/** Colours a text by its tone. Without colours it returns the text as it is. */
export type Paint = (tone: Tone, text: string) => string

const looks = {
  heading: 'bold',
  quiet: 'dim',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  tool: 'cyan',
} as const satisfies Record<Exclude<Tone, 'plain'>, Parameters<typeof styleText>[0]>

/** Colours, or none at all. Whether there are any was decided by the terminal. */
export function createPaint(coloured: boolean): Paint {
  return (tone, text) => {
    if (!coloured || tone === 'plain' || text === '') return text
    return styleText(looks[tone], text, { validateStream: false })
  }
}

/** Writes each line with a line break to standard output. */
export function writeLines(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.out(`${line}\n`)
}

/** Prints the answer of the server for `--json`: on one line, or indented where a person looks at it. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, terminal.isTty ? 2 : 0)}\n`)
}
