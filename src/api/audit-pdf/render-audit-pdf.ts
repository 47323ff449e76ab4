import { setImmediate } from 'node:timers/promises'
import type { AuditPackage } from '../../proof/package/audit-package.ts'
import { type SealedPackage, textOfSealed } from '../../proof/package/seal.ts'
import { makeReport } from './make-report.ts'
import { type Document, openSheet, writeFooters } from './open-sheet.ts'
import { printableText } from './printable-text.ts'
import { writeFirstPage } from './write-first-page.ts'
import { writeBudget, writeDecisions, writeJournal, writeProofs, writeSeals } from './write-sections.ts'

/** The options of a report. */
export interface PdfOptions {
  /** With false the pages stay readable as text, for tests. */
  readonly compress?: boolean
}

const rowsPerTurn = 20

/** The same of a package's bytes, for a worker. */
export async function renderSealedPdf(sealed: SealedPackage): Promise<Uint8Array> {
  return await renderAuditPdf(JSON.parse(textOfSealed(sealed)) as AuditPackage) // made by us
}

/**
 * Renders an audit package as pages for a person: compliance and course of events first, then decisions, proofs, budget, the
 * journal, and how to check all of it. The same package gives the same bytes. Other work gets its turn between the rows.
 */
export async function renderAuditPdf(exported: AuditPackage, options: PdfOptions = {}): Promise<Uint8Array> {
  const report = makeReport(exported)
  // The library consists of many modules, so it is loaded at the first report and not at the start of the server.
  const { default: PDFDocument } = await import('pdfkit')
  const document: Document = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    compress: options.compress ?? true,
    info: {
      Title: printableText(`Audit report: ${report.title}`),
      Producer: 'Mandate',
      Creator: 'Mandate',
      CreationDate: new Date(report.exportedAt),
    },
  })
  const chunks: Buffer[] = []
  document.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve)
    document.on('error', reject)
  })
  let rows = 0
  const takeTurns = async () => {
    rows += 1
    if (rows % rowsPerTurn === 0) await setImmediate()
  }
  const sheet = openSheet(document)
  writeFirstPage(sheet, report)
  document.addPage()
  sheet.y = sheet.left
  writeProofs(sheet, report)
  writeBudget(sheet, report)
  await writeDecisions(sheet, report, takeTurns)
  writeSeals(sheet, report)
  await writeJournal(sheet, report, takeTurns)
  writeFooters(document, `Task ${report.task}  ·  package ${report.seals.packageDigest.slice(0, 23)}…`)
  document.end()
  await ended
  return Buffer.concat(chunks)
}
