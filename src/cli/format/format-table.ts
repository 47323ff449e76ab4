import { displayWidth, oneLine, shorten } from './printable.ts'

/** One column of a table. Widths are in terminal columns. */
export interface Column<Row> {
  readonly title: string
  cell(row: Row): string
  /** Numbers are read from the right. */
  readonly align?: 'right'
  /** Longer cells are shortened. */
  readonly charsMax?: number
  /** Where the table is too wide its cells are shortened, but to no less than this. */
  readonly shrinksTo?: number
  /** Left out where the table would still be too wide; the last of these first. */
  readonly optional?: true
}

const gap = 2

/**
 * Aligned columns under their titles, two spaces apart, no trailing spaces. Cells are put on one line. What is too wide for
 * the terminal is shortened, and then left out, where its column allows that.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { tableColumns: room }: { readonly tableColumns: number },
): string[] {
  const lines = [
    columns.map((column) => column.title.toUpperCase()),
    ...rows.map((row) => columns.map((column) => shorten(oneLine(column.cell(row)), column.charsMax ?? 200))),
  ]
  const natural = columns.map((_, index) => Math.max(...lines.map((cells) => displayWidth(cells[index] ?? ''))))
  const widths = fitWidths(columns, natural, room)
  return lines.map((cells) =>
    cells
      .flatMap((cell, index) => {
        const width = widths[index]
        return width === undefined ? [] : [pad(shorten(cell, width), width, columns[index]?.align)]
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

/** How wide each column is; undefined where it is left out. */
function fitWidths(
  columns: readonly Column<never>[],
  natural: readonly number[],
  room: number,
): readonly (number | undefined)[] {
  const widths: (number | undefined)[] = [...natural]
  for (;;) {
    const shrunk = shrink(columns, widths, room)
    if (totalOf(shrunk) <= room) return shrunk
    const leftOut = columns.findLastIndex(({ optional }, index) => optional && widths[index] !== undefined)
    if (leftOut === -1) return shrunk
    widths[leftOut] = undefined
  }
}

/** Takes from the widest of the columns that may shrink, one by one, until all fit or none can give any more. */
function shrink(columns: readonly Column<never>[], widths: readonly (number | undefined)[], room: number) {
  const shrunk = [...widths]
  for (let over = totalOf(shrunk) - room; over > 0; over -= 1) {
    let widest: number | undefined
    for (const [index, width = 0] of shrunk.entries()) {
      if (width > (columns[index]?.shrinksTo ?? width) && width > (shrunk[widest ?? -1] ?? 0)) widest = index
    }
    if (widest === undefined) break
    shrunk[widest] = (shrunk[widest] ?? 0) - 1
  }
  return shrunk
}

function totalOf(widths: readonly (number | undefined)[]): number {
  const shown = widths.filter((width) => width !== undefined)
  return shown.reduce((sum, width) => sum + width, gap * (shown.length - 1))
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
