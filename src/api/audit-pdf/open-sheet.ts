import type { Tone } from './audit-report.ts'
import { printableText } from './printable-text.ts'

/** A document of pdfkit. */
export type Document = PDFKit.PDFDocument

const margin = 48
const footerHeight = 40

/** The colours of the report. */
export const colors = {
  style: '#1c2330',
  faint: '#667085',
  line: '#d5dae3',
  good: '#1f7a4d',
  goodWash: '#e9f5ee',
  bad: '#b3261e',
  badWash: '#fcecea',
  plain: '#98a2b3',
} as const

/** The colour of each tone. */
export const toneColors: Readonly<Record<Tone, string>> = { good: colors.good, bad: colors.bad, plain: colors.plain }

/** The fonts that every reader of PDF has. */
export const fonts = { plain: 'Helvetica', bold: 'Helvetica-Bold', fixed: 'Courier' } as const

/** The font, the size in points and the colour of a text. */
export interface TextStyle {
  readonly font?: keyof typeof fonts
  readonly size?: number
  readonly color?: string
}

/** A document that is written from top to bottom, with the place of the next line. Lengths are in points. */
export interface Sheet {
  readonly document: Document
  readonly left: number
  readonly width: number
  y: number
}

/** Begins at the top of the first page. */
export function openSheet(document: Document): Sheet {
  return { document, left: margin, width: document.page.width - 2 * margin, y: margin }
}

/** Returns the height that is left on the page. */
export function heightLeft({ document, y }: Sheet): number {
  return document.page.height - footerHeight - margin / 2 - y
}

/** Starts a new page where less than this height is left. Answers true where it did. */
export function ensureHeight(sheet: Sheet, height: number): boolean {
  if (heightLeft(sheet) >= height) return false
  sheet.document.addPage()
  sheet.y = margin
  return true
}

function applyStyle({ document }: Sheet, { font = 'plain', size = 9, color = colors.style }: TextStyle): void {
  document.font(fonts[font]).fontSize(size).fillColor(color)
}

const lineGap = 1.5

/** Returns the height of a text in a column. */
export function heightOf(sheet: Sheet, text: string, width: number, style: TextStyle = {}): number {
  applyStyle(sheet, style)
  const { document } = sheet
  const shown = printableText(text)
  if (document.widthOfString(shown) <= width) return document.currentLineHeight(true) + lineGap
  return document.heightOfString(shown, { width, lineGap })
}

/** Writes a text into a column from a point on. The place of the next line stays. */
export function putAt(sheet: Sheet, text: string, x: number, y: number, width: number, style: TextStyle = {}): void {
  applyStyle(sheet, style)
  const { document } = sheet
  const shown = printableText(text)
  // A text that fits into one line is not broken into lines, which takes most of the time.
  if (document.widthOfString(shown) <= width) document.text(shown, x, y, { lineBreak: false })
  else document.text(shown, x, y, { width, lineGap })
}

/** Writes a text, and answers with its height. */
export function writeAt(
  sheet: Sheet,
  text: string,
  x: number,
  y: number,
  width: number,
  style: TextStyle = {},
): number {
  const height = heightOf(sheet, text, width, style)
  putAt(sheet, text, x, y, width, style)
  return height
}

/** Writes a text of one line that ends at the right margin. */
export function putRight(sheet: Sheet, text: string, y: number, style: TextStyle = {}): void {
  applyStyle(sheet, style)
  const shown = printableText(text)
  const x = sheet.left + sheet.width - sheet.document.widthOfString(shown)
  sheet.document.text(shown, x, y, { lineBreak: false })
}

/** Writes a paragraph over the whole width. */
export function writeParagraph(sheet: Sheet, text: string, style: TextStyle = {}): void {
  ensureHeight(sheet, heightOf(sheet, text, sheet.width, style))
  sheet.y += writeAt(sheet, text, sheet.left, sheet.y, sheet.width, style) + 4
}

/** Writes a heading with a line below it, and keeps it on the page of what follows. */
export function writeHeading(sheet: Sheet, text: string): void {
  ensureHeight(sheet, 70)
  sheet.y += 12
  sheet.y += writeAt(sheet, text, sheet.left, sheet.y, sheet.width, { font: 'bold', size: 13 }) + 3
  drawLine(sheet)
  sheet.y += 7
}

/** Draws a line over the whole width. */
export function drawLine({ document, left, width, y }: Sheet): void {
  document
    .moveTo(left, y)
    .lineTo(left + width, y)
    .lineWidth(0.5)
    .strokeColor(colors.line)
    .stroke()
}

/** One cell of a row. */
export interface Cell extends TextStyle {
  readonly text: string
}

const columnGap = 8

/** Returns the height of a row, which is that of its highest cell. */
export function rowHeight(sheet: Sheet, cells: readonly Cell[], widths: readonly number[]): number {
  return Math.max(...cells.map((cell, at) => heightOf(sheet, cell.text, (widths[at] ?? 0) - columnGap, cell)))
}

/**
 * Writes a row of cells in columns of these widths. A page break never divides it; `onNewPage` is called before it on a new
 * page.
 */
export function writeRow(
  sheet: Sheet,
  cells: readonly Cell[],
  widths: readonly number[],
  onNewPage: () => void = () => undefined,
): void {
  const height = rowHeight(sheet, cells, widths)
  if (ensureHeight(sheet, height + 4)) onNewPage()
  let x = sheet.left
  for (const [at, cell] of cells.entries()) {
    const width = widths[at] ?? 0
    putAt(sheet, cell.text, x, sheet.y, width - columnGap, cell)
    x += width
  }
  sheet.y += height + 4
}

/** Writes the page number on every page, once all of them exist. */
export function writeFooters(document: Document, text: string): void {
  const { start, count } = document.bufferedPageRange()
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page)
    const sheet = { ...openSheet(document), y: document.page.height - footerHeight }
    const style = { size: 7.5, color: colors.faint }
    putAt(sheet, text, sheet.left, sheet.y, sheet.width - 80, style)
    putRight(sheet, `Page ${page - start + 1} of ${count}`, sheet.y, style)
  }
}
