import { displayWidth } from './display-width.ts'
import { oneLine, shorten } from './printable.ts'

export interface Column<Row> {
  readonly title: string
  cell(row: Row): string
  /** Numbers are read from the right. */
  readonly align?: 'right'
  /** Longer cells are shortened. */
  readonly charsMax?: number
}

/** Aligned columns under their titles, two spaces apart, no trailing spaces. Cells are put on one line. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const lines = [
    columns.map((column) => column.title.toUpperCase()),
    ...rows.map((row) => columns.map((column) => shorten(oneLine(column.cell(row)), column.charsMax ?? 200))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => displayWidth(cells[index] ?? ''))))
  return lines.map((cells) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join('  ')
      .trimEnd(),
  )
}

/** `name  value` lines, the values aligned; what has no value is left out. */
export function formatFields(fields: readonly (readonly [name: string, value: string | null | undefined])[]): string[] {
  const shown = fields.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, value] as const],
  )
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`.trimEnd())
}

function pad(cell: string, width: number, align: 'right' | undefined): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(cell)))
  return align === 'right' ? spaces + cell : cell + spaces
}
