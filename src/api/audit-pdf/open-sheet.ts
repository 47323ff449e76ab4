import type { Tone } from './audit-report.ts'
import { printableText } from './printable-text.ts'

export type Document = PDFKit.PDFDocument

const margin = 48
const footerHeight = 40

export const colors = {
  ink: '#1c2330',
  faint: '#667085',
  line: '#d5dae3',
  good: '#1f7a4d',
  goodWash: '#e9f5ee',
  bad: '#b3261e',
  badWash: '#fcecea',
  plain: '#98a2b3',
} as const

export const toneColors: Readonly<Record<Tone, string>> = { good: colors.good, bad: colors.bad, plain: colors.plain }

export const fonts = { plain: 'Helvetica', bold: 'Helvetica-Bold', fixed: 'Courier' } as const

export interface Ink {
  readonly font?: keyof typeof fonts
  readonly size?: number
  readonly color?: string
}

/** A document that is written from top to bottom, with the place where it goes on. */
export interface Sheet {
  readonly document: Document
  readonly left: number
  readonly width: number
  y: number
}

export function openSheet(document: Document): Sheet {
  return { document, left: margin, width: document.page.width - 2 * margin, y: margin }
}

export function roomLeft({ document, y }: Sheet): number {
  return document.page.height - footerHeight - margin / 2 - y
}

/** Goes on at the next page where less than this is left. True where it did. */
export function ensureRoom(sheet: Sheet, height: number): boolean {
  if (roomLeft(sheet) >= height) return false
  sheet.document.addPage()
  sheet.y = margin
  return true
}

function useInk({ document }: Sheet, { font = 'plain', size = 9, color = colors.ink }: Ink): void {
  document.font(fonts[font]).fontSize(size).fillColor(color)
}

const lineGap = 1.5

/** How high a text is in a column. */
export function heightOf(sheet: Sheet, text: string, width: number, ink: Ink = {}): number {
  useInk(sheet, ink)
  const { document } = sheet
  const shown = printableText(text)
  if (document.widthOfString(shown) <= width) return document.currentLineHeight(true) + lineGap
  return document.heightOfString(shown, { width, lineGap })
}

/** Writes a text into a column from a point on. Moves nothing. */
export function putAt(sheet: Sheet, text: string, x: number, y: number, width: number, ink: Ink = {}): void {
  useInk(sheet, ink)
  const { document } = sheet
  const shown = printableText(text)
  // What fits into one line need not be broken into lines, which takes most of the time.
  if (document.widthOfString(shown) <= width) document.text(shown, x, y, { lineBreak: false })
  else document.text(shown, x, y, { width, lineGap })
}

/** Writes a text, and answers with its height. */
export function writeAt(sheet: Sheet, text: string, x: number, y: number, width: number, ink: Ink = {}): number {
  const height = heightOf(sheet, text, width, ink)
  putAt(sheet, text, x, y, width, ink)
  return height
}

/** A text of one line that ends at the right margin. */
export function putRight(sheet: Sheet, text: string, y: number, ink: Ink = {}): void {
  useInk(sheet, ink)
  const shown = printableText(text)
  const x = sheet.left + sheet.width - sheet.document.widthOfString(shown)
  sheet.document.text(shown, x, y, { lineBreak: false })
}

/** A paragraph over the whole width. */
export function writeParagraph(sheet: Sheet, text: string, ink: Ink = {}): void {
  ensureRoom(sheet, heightOf(sheet, text, sheet.width, ink))
  sheet.y += writeAt(sheet, text, sheet.left, sheet.y, sheet.width, ink) + 4
}

export function writeHeading(sheet: Sheet, text: string): void {
  ensureRoom(sheet, 70)
  sheet.y += 12
  sheet.y += writeAt(sheet, text, sheet.left, sheet.y, sheet.width, { font: 'bold', size: 13 }) + 3
  drawLine(sheet)
  sheet.y += 7
}

export function drawLine({ document, left, width, y }: Sheet): void {
  document
    .moveTo(left, y)
    .lineTo(left + width, y)
    .lineWidth(0.5)
    .strokeColor(colors.line)
    .stroke()
}

export interface Cell extends Ink {
  readonly text: string
}

const columnGap = 8

/** The heights of a row that is as high as its highest cell. */
export function rowHeight(sheet: Sheet, cells: readonly Cell[], widths: readonly number[]): number {
  return Math.max(...cells.map((cell, at) => heightOf(sheet, cell.text, (widths[at] ?? 0) - columnGap, cell)))
}

/** A row of cells in columns of these widths. It is never cut by the end of a page; `onNewPage` comes before it on a new one. */
export function writeRow(
  sheet: Sheet,
  cells: readonly Cell[],
  widths: readonly number[],
  onNewPage: () => void = () => undefined,
): void {
  const height = rowHeight(sheet, cells, widths)
  if (ensureRoom(sheet, height + 4)) onNewPage()
  let x = sheet.left
  for (const [at, cell] of cells.entries()) {
    const width = widths[at] ?? 0
    putAt(sheet, cell.text, x, sheet.y, width - columnGap, cell)
    x += width
  }
  sheet.y += height + 4
}

/** The page number on every page, once all of them are there. */
export function writeFooters(document: Document, words: string): void {
  const { start, count } = document.bufferedPageRange()
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page)
    const sheet = { ...openSheet(document), y: document.page.height - footerHeight }
    const ink = { size: 7.5, color: colors.faint }
    putAt(sheet, words, sheet.left, sheet.y, sheet.width - 80, ink)
    putRight(sheet, `Page ${page - start + 1} of ${count}`, sheet.y, ink)
  }
}
