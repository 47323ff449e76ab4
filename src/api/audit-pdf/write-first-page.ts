import type { AuditReport, Moment } from './audit-report.ts'
import { instant, instantMs } from './event-labels.ts'
import {
  colors,
  drawLine,
  ensureHeight,
  heightLeft,
  heightOf,
  putAt,
  putRight,
  type Sheet,
  toneColors,
  writeAt,
  writeHeading,
  writeParagraph,
} from './open-sheet.ts'
import { truncateText } from './printable-text.ts'

const titleCharsMax = 130
const sentenceCharsMax = 400

/** Writes the title, the owner and dates, the compliance, and as much of the timeline as there is room for. */
export function writeFirstPage(sheet: Sheet, report: AuditReport): void {
  writeTitle(sheet, report)
  writeCompliance(sheet, report)
  writeFacts(sheet, report)
  writeTimeline(sheet, report)
}

function writeTitle(sheet: Sheet, { title, task, exportedAt }: AuditReport): void {
  const style = { size: 8.5, color: colors.faint }
  putAt(sheet, 'MANDATE  AUDIT REPORT', sheet.left, sheet.y, sheet.width / 2, { ...style, font: 'bold' })
  putRight(sheet, `Made ${instant(exportedAt)}`, sheet.y, style)
  sheet.y += 22
  writeParagraph(sheet, beginningOf(title), { font: 'bold', size: 19 })
  writeParagraph(sheet, `Task ${task}`, { ...style, font: 'fixed' })
  const what =
    'What an agent did on this task, and what it was allowed and denied, computed from the signed record of the server.'
  writeParagraph(sheet, what, { color: colors.faint })
  sheet.y += 4
}

/** Truncates the title to two or three lines. */
function beginningOf(title: string): string {
  const chars = [...title.trim()]
  return chars.length <= titleCharsMax ? title.trim() : `${chars.slice(0, titleCharsMax).join('').trimEnd()} …`
}

function writeCompliance(sheet: Sheet, { compliance }: AuditReport): void {
  const { document, left, width } = sheet
  const inner = width - 32
  const main = compliance.compliant ? colors.good : colors.bad
  const lines = compliance.missing.slice(0, 4).map((line) => `–  ${truncateText(line, sentenceCharsMax)}`)
  if (compliance.missing.length > lines.length) lines.push(`–  and ${compliance.missing.length - lines.length} more`)
  const labelStyle = { font: 'bold', size: 15, color: main } as const
  const heights = lines.map((line) => heightOf(sheet, line, inner))
  const height =
    heightOf(sheet, compliance.label, inner, labelStyle) +
    heightOf(sheet, compliance.sentence, inner) +
    heights.reduce((sum, one) => sum + one + 2, 0) +
    22
  document.roundedRect(left, sheet.y, width, height, 3).fill(compliance.compliant ? colors.goodWash : colors.badWash)
  document.rect(left, sheet.y, 4, height).fill(main)
  let y = sheet.y + 11
  y += writeAt(sheet, compliance.label, left + 18, y, inner, labelStyle) + 3
  y += writeAt(sheet, compliance.sentence, left + 18, y, inner) + 3
  for (const line of lines) y += writeAt(sheet, line, left + 18, y, inner) + 2
  sheet.y += height + 14
}

/** Writes the facts in two columns, row by row. */
function writeFacts(sheet: Sheet, { facts }: AuditReport): void {
  const column = sheet.width / 2
  const nameWidth = 66
  const name = { size: 8, color: colors.faint }
  for (let at = 0; at < facts.length; at += 2) {
    const pair = facts.slice(at, at + 2)
    const heights = pair.map(([label, value], place) => {
      const x = sheet.left + place * column
      putAt(sheet, label, x, sheet.y + 0.3, nameWidth, name)
      return writeAt(sheet, truncateText(value, 160), x + nameWidth, sheet.y, column - nameWidth - 8, { size: 8.5 })
    })
    sheet.y += Math.max(...heights) + 3
  }
  sheet.y += 2
  drawLine(sheet)
}

const footnoteHeight = 18

/**
 * Writes moments from the beginning and the last one. Where there is no room for those between, the next sections tell of
 * them.
 */
function writeTimeline(sheet: Sheet, { timeline }: AuditReport): void {
  writeHeading(sheet, 'What happened')
  const heights = timeline.map((moment) => momentHeight(sheet, moment))
  const sum = heights.reduce((all, height) => all + height, 0)
  const fits = sum <= heightLeft(sheet)
  const last = fits
    ? timeline.length
    : placesBefore(heights, heightLeft(sheet) - footnoteHeight - (heights.at(-1) ?? 0))
  for (const [at, moment] of timeline.slice(0, last).entries()) {
    writeMoment(sheet, moment, heights[at] ?? 0, at === timeline.length - 1)
  }
  if (fits) return
  putAt(sheet, restLabel(timeline.slice(last, -1)), textLeft(sheet), sheet.y, sheet.width, {
    size: 8,
    color: colors.faint,
  })
  sheet.y += footnoteHeight - 3
  const end = timeline.at(-1)
  if (end !== undefined) writeMoment(sheet, end, heights.at(-1) ?? 0, true)
}

function restLabel(rest: readonly Moment[]): string {
  const bad = rest.filter(({ tone }) => tone === 'bad').length
  const red = bad === 0 ? 'none of them denied or failed' : `${bad} of them denied or failed`
  return `… ${rest.length} more, ${red}: the next pages tell of them …`
}

/** Returns how many of the first moments have room. */
function placesBefore(heights: readonly number[], room: number): number {
  let used = 0
  const first = heights.findIndex((height) => {
    used += height
    return used > room
  })
  return Math.min(first === -1 ? heights.length : first, heights.length - 1)
}

const timeWidth = 122

function textLeft({ left }: Sheet): number {
  return left + timeWidth + 18
}

function labelOf({ label, detail }: Moment): string {
  return detail === '' ? label : `${label}: ${truncateText(detail, 260)}`
}

function momentHeight(sheet: Sheet, moment: Moment): number {
  return heightOf(sheet, labelOf(moment), sheet.width - timeWidth - 18) + 4
}

function writeMoment(sheet: Sheet, moment: Moment, height: number, isLast: boolean): void {
  ensureHeight(sheet, height)
  const { document, left, y, width } = sheet
  const x = left + timeWidth + 4
  const middle = y + 4.5
  const line = document.moveTo(x, middle).lineTo(x, isLast ? middle : middle + height)
  line.lineWidth(0.8).strokeColor(colors.line).stroke()
  document.circle(x, middle, 3).fill(toneColors[moment.tone])
  putAt(sheet, instantMs(moment.at), left, y + 0.6, timeWidth - 4, { size: 8, color: colors.faint })
  const color = moment.tone === 'bad' ? colors.bad : colors.style
  putAt(sheet, labelOf(moment), textLeft(sheet), y, width - timeWidth - 18, { color })
  sheet.y += height
}
