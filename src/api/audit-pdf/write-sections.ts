import type { AuditReport, DecisionEntry } from './audit-report.ts'
import { dollars, instantMs, wholeNumber } from './event-labels.ts'
import {
  type Cell,
  colors,
  drawLine,
  ensureHeight,
  heightOf,
  putAt,
  putRight,
  type Sheet,
  toneColors,
  writeHeading,
  writeParagraph,
  writeRow,
} from './open-sheet.ts'
import { truncateText } from './printable-text.ts'

/** The most rows of a section. The others are in the package only. */
const rowsMax = 5_000

const reasonCharsMax = 1_200

const faint = { size: 8, color: colors.faint } as const
const fixed = { font: 'fixed', size: 7.5, color: colors.faint } as const

/** Is called between rows, so that a long report does not hold up the server. */
export type TakeTurns = () => Promise<void>

/** Writes the proofs that the policy requires, and whether each was shown. */
export function writeProofs(sheet: Sheet, { proofs }: AuditReport): void {
  writeHeading(sheet, 'Proofs')
  if (proofs.length === 0) writeParagraph(sheet, 'The policy requires none.')
  const widths = [70, 150, sheet.width - 220]
  for (const { name, means, because } of proofs) {
    const tone = because === undefined ? 'good' : 'bad'
    const says = because === undefined ? means : `${means} This could not be shown: ${because}`
    writeRow(
      sheet,
      [
        { text: because === undefined ? 'Shown' : 'Missing', font: 'bold', color: toneColors[tone] },
        { text: name, font: 'bold' },
        { text: truncateText(says, reasonCharsMax) },
      ],
      widths,
    )
  }
}

/** Writes the ledger, what is left of it, and where more was used than reserved. */
export function writeBudget(sheet: Sheet, { budget }: AuditReport): void {
  writeHeading(sheet, 'Budget')
  const { ledger, available, overdrawn } = budget
  const widths = [130, 120, 120, sheet.width - 370]
  const head = ['', 'Money', 'Tokens', 'Steps'].map((text): Cell => ({ text, ...faint }))
  writeRow(sheet, head, widths)
  const rows = [
    ['Might be used', ledger.cap],
    ['Used', ledger.spent],
    ['Reserved', ledger.reserved],
    ['Handed on to sub-tasks', ledger.lent],
    ['Left', available],
  ] as const
  for (const [name, { micros_usd, tokens, steps }] of rows) {
    const values = [dollars(micros_usd), wholeNumber(tokens), wholeNumber(steps)].map((text): Cell => ({ text }))
    writeRow(sheet, [{ text: name, font: 'bold' }, ...values], widths)
  }
  for (const line of overdrawn) writeParagraph(sheet, `More was used than reserved: ${line}`, { color: colors.bad })
}

/** Writes the decisions about tool calls, each with its reason, rules, outcome and statement. */
export async function writeDecisions(sheet: Sheet, { decisions }: AuditReport, takeTurns: TakeTurns): Promise<void> {
  writeHeading(sheet, 'Decisions about tool calls')
  if (decisions.length === 0) writeParagraph(sheet, 'The guard was asked about none.')
  for (const decision of decisions.slice(0, rowsMax)) {
    writeDecision(sheet, decision)
    await takeTurns()
  }
  writeRest(sheet, decisions.length - rowsMax)
}

function writeDecision(sheet: Sheet, decision: DecisionEntry): void {
  const { left, width } = sheet
  const inner = width - 14
  const color = toneColors[decision.tone]
  const lines = [
    [`${decision.label}: ${decision.tool}`, { font: 'bold', size: 10, color }],
    [truncateText(decision.reason, reasonCharsMax), {}],
    [`${decision.outcome}  ·  rules: ${truncateText(decision.rules.join(', '), 300)}`, faint],
    [decision.statement, fixed],
  ] as const
  const heights = lines.map(([text, style]) => heightOf(sheet, text, inner, style) + 1)
  const height = heights.reduce((sum, one) => sum + one, 0)
  ensureHeight(sheet, height + 7)
  sheet.document.rect(left, sheet.y, 3, height).fill(color)
  putRight(sheet, `${instantMs(decision.at)}   #${decision.seq}`, sheet.y + 1, faint)
  for (const [at, [text, style]] of lines.entries()) {
    putAt(sheet, text, left + 14, sheet.y, inner, style)
    sheet.y += heights[at] ?? 0
  }
  sheet.y += 7
}

/** Writes the whole journal, one row per event. */
export async function writeJournal(sheet: Sheet, { journal }: AuditReport, takeTurns: TakeTurns): Promise<void> {
  writeHeading(sheet, 'The whole journal')
  const widths = [38, 118, 100, sheet.width - 256]
  const head = () => {
    const names = ['No.', 'When', 'What', 'In words'].map((text): Cell => ({ text, ...faint }))
    writeRow(sheet, names, widths)
    drawLine(sheet)
    sheet.y += 4
  }
  head()
  for (const { seq, at, kind, label } of journal.slice(0, rowsMax)) {
    const cells: Cell[] = [
      { text: String(seq), ...faint },
      { text: instantMs(at), size: 8 },
      { text: kind, size: 8, font: 'bold' },
      { text: truncateText(label, reasonCharsMax), size: 8 },
    ]
    writeRow(sheet, cells, widths, head)
    await takeTurns()
  }
  writeRest(sheet, journal.length - rowsMax)
}

function writeRest(sheet: Sheet, more: number): void {
  if (more > 0) writeParagraph(sheet, `${wholeNumber(more)} more are in the package.`, faint)
}

/** Writes how to check the package, with the keys, heads and digests to compare. */
export function writeSeals(sheet: Sheet, { seals, task }: AuditReport): void {
  writeHeading(sheet, 'How to check this')
  writeParagraph(
    sheet,
    'This report is a reading of a signed audit package, and the package is the evidence. Fetch it, and check it without a network, with a key of the server that came to you by another way than this report:',
  )
  writeParagraph(sheet, `mandate task audit ${task} -o audit.json`, { font: 'fixed', size: 9 })
  writeParagraph(sheet, 'mandate verify audit.json --key <key>', { font: 'fixed', size: 9 })
  writeParagraph(
    sheet,
    'That checks each signature, that no event and no statement was dropped or altered, that each decision follows from what it was made from, the budget, and the place of each statement in the log.',
  )
  const widths = [110, sheet.width - 110]
  const row = (name: string, text: string) => {
    writeRow(
      sheet,
      [
        { text: name, ...faint },
        { text, font: 'fixed', size: 8 },
      ],
      widths,
    )
  }
  row('Package', seals.packageDigest)
  row('Sealed by', seals.sealedBy)
  for (const { key_id, public_key } of seals.keys) row('Public key', `${key_id}  ${public_key}`)
  for (const { log, size, root, at } of seals.heads) {
    row('Log', `${log}, ${wholeNumber(size)} leaves at ${instantMs(at)}, root ${root}`)
  }
  row('Statements', seals.statements.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none')
  for (const { run, seqs, root } of seals.closings) row('Closed run', `${run}, events ${seqs}, root ${root}`)
  const { held, purged, private: left } = seals.contents
  row('Contents', `${held} in the package, ${purged} purged, ${left} left out as private`)
}
