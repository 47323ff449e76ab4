import { describe, expect, test } from 'vitest'
import { type PackagePlan, samplePackage } from '../../../test/support/audit/sample-package.ts'
import { readPdfText } from '../../../test/support/read-pdf-text.ts'
import type { AuditPackage } from '../../proof/package/audit-package.ts'
import { renderAuditPdf } from './render-audit-pdf.ts'

const task = '0199a4c0-7b1e-7c3a-9a55-0123456789ab'
type Run = PackagePlan['runs'][number]
type Action = Run['steps'][number]['actions'][number]

const action = (tool: Action['tool'], fate: Action['fate'] = 'settled'): Action => ({ tool, fate, personal: false })
const step = (...actions: Action[]): Run['steps'][number] => ({ actions, retries: false, subTask: false })

/** An audit package as it is made in earnest, of one run with these steps. */
async function exported(steps: Run['steps'], over: Partial<Run> = {}): Promise<AuditPackage> {
  const none = { pauses: false, isLost: false, rotates: false, restores: false, purges: false }
  const run: Run = { strict: true, steps, ending: 'succeeded', ...none, ...over }
  const rest = { sealed: false, isSubTask: false, isPrivate: false, hasInstructions: true }
  return JSON.parse((await samplePackage({ task, runs: [run], ...rest })).text)
}

async function pagesOf(given: AuditPackage): Promise<string[]> {
  return readPdfText(await renderAuditPdf(given, { compress: false })).map((lines) => lines.join(' '))
}

/** A package whose denials have this reason. */
function withReason(given: AuditPackage, reason: string): AuditPackage {
  const events = given.events.map((event) =>
    event.kind === 'action.decided' ? { ...event, facts: { ...event.facts, reason } } : event,
  )
  return { ...given, events }
}

const busy = [step(action('fetch'), action('read_file'), action('fetch'), action('mail')), step(action('shell'))]

describe('the first page', () => {
  test('says what it is, of which task, by whom and when, under which policy, and the verdict', async () => {
    const [first] = await pagesOf(await exported(busy, { ending: 'blocked' }))
    for (const words of [
      'MANDATE AUDIT REPORT',
      'computed from the signed record of the server',
      `A task of ${task}`,
      `Task ${task}`,
      'Owner user-1',
      'Role operator',
      'Submitted 2025-10-09 08:53:20 UTC (native)',
      'Outcome blocked',
      'Policy Strict (strict)',
      'Tool calls 2 allowed, 3 denied',
      'Certificates 2',
      'of $1.00',
      'Compliant All 8 proofs that the policy Strict requires follow from the record, and every run is closed.',
    ]) {
      expect(first?.replaceAll(/\s+/gu, ' ')).toContain(words)
    }
    expect(first).not.toContain('Not compliant')
  })

  test('tells what happened, decision by decision', async () => {
    const [first = ''] = await pagesOf(await exported(busy, { ending: 'blocked' }))
    const told = ['Submitted', 'Run started', 'Allowed fetch', 'Allowed read_file', 'Denied fetch', 'Denied mail']
    const places = [...told, 'Denied shell', 'Run blocked'].map((words) => first.indexOf(`${words}:`))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('says in words which proofs are missing and why', async () => {
    const given = await exported(busy)
    const proofs_missing = [
      { name: 'no_phi_external_flow', because: 'The inputs of the action a1 are purged.' },
    ] as const
    const attestation = { ...given.attestation, proofs_missing, compliant: false }
    const [first, second] = await pagesOf({ ...given, attestation })
    expect(first).toContain('Not compliant 1 of the 8 proofs that the policy Strict requires is missing.')
    expect(first).toContain('no_phi_external_flow: The inputs of the action a1 are purged.')
    expect(second).toContain('Missing no_phi_external_flow')
  })

  test('shows more of what was asked for where the title is only the beginning of it, and says where it is cut', async () => {
    const given = await exported(busy)
    const message = given.events[1]?.contents['message']
    const body = `A task of ${task} ${'and more '.repeat(30)}`
    const contents = given.contents.map((content) => (content.digest === message ? { ...content, body } : content))
    const [first = ''] = await pagesOf({ ...given, contents })
    expect(first.replaceAll(/\s+/gu, ' ')).toContain(`A task of ${task} and more and more`)
    expect(first).toContain(' … ')
  })

  test('makes no more of a policy without proofs than there is to it', async () => {
    const [first] = await pagesOf(await exported(busy, { strict: false }))
    expect(first).toContain('requires no proofs: this says that the record is complete, and no more.')
  })

  test('keeps to one page, with the end of the run and the count of what is left out', async () => {
    const many = Array.from({ length: 30 }, () => step(action('read_file'), action('shell'), action('read_file')))
    const [first, second] = await pagesOf(await exported(many))
    expect(first).toMatch(/… \d+ more, \d+ of them denied or failed: the next pages tell of them … .*Run succeeded/u)
    expect(second).toMatch(/^Proofs /u)
  })
})

describe('the report', () => {
  test('has decisions with their statements, the budget, the seal with the log, and how to check it', async () => {
    const given = await exported(busy)
    const text = (await pagesOf(given)).join(' ')
    for (const event of given.events) {
      if (event.kind === 'action.decided') expect(text).toContain(event.facts.statement)
    }
    const [key] = given.keys
    for (const words of [
      'Might be used $1.00 1,000,000 1,000',
      'mandate verify audit.json --key <key>',
      `Sealed by ${key?.key_id}`,
      key?.public_key ?? '',
      'log-1',
      '1 closing',
    ]) {
      expect(text).toContain(words)
    }
  })

  test('lists each event of a thousand on numbered pages', async () => {
    const many = Array.from({ length: 92 }, () => step(action('read_file'), action('shell'), action('read_file')))
    const given = await exported(many)
    expect(given.events.length).toBeGreaterThan(1_000)
    const pages = await pagesOf(given)
    expect(pages.length).toBeGreaterThan(10)
    for (const [at, page] of pages.entries()) expect(page).toContain(`Page ${at + 1} of ${pages.length}`)
    const journal = pages.slice(pages.findIndex((page) => page.includes('The whole journal'))).join(' ')
    for (const { seq, kind } of given.events)
      expect(journal).toMatch(new RegExp(`\\b${seq} 2025-10-09 [0-9:.]+ UTC ${kind}`, 'u'))
    expect(journal).toContain('run.succeeded')
  })

  test('breaks a long reason into lines within the page, and cuts one that has no end', async () => {
    const given = await exported(busy)
    const reason = `${'because it was not granted '.repeat(20)}and so on`
    const lines = readPdfText(await renderAuditPdf(withReason(given, reason), { compress: false })).flat()
    const about = lines.filter((line) => line.includes('not granted'))
    expect(about.length).toBeGreaterThan(5)
    expect(Math.max(...about.map((line) => line.length))).toBeLessThan(150)
    expect(lines.join(' ').replaceAll(/\s+/gu, ' ')).toContain(reason)
    const endless = await pagesOf(withReason(given, 'x'.repeat(50_000)))
    expect(endless.length).toBeLessThan(12)
    expect(endless.join(' ')).toContain('more characters are in the package)')
  })

  test('shows what the fonts have no sign for by its code points', async () => {
    const given = withReason(await exported(busy), 'refused: 病\u202E')
    expect((await pagesOf(given)).join(' ')).toContain('refused: ‹75C5 202E›')
  })

  test('of the same package is the same bytes', async () => {
    const given = await exported(busy)
    const [one, two] = [await renderAuditPdf(given), await renderAuditPdf(given)]
    expect(Buffer.compare(one, two)).toBe(0)
    expect(Buffer.from(one).subarray(0, 5).toString()).toBe('%PDF-')
  })

  test('of a task whose contents are private or gone says so', async () => {
    const given = await exported(busy)
    const absent = given.contents.map(({ digest }) => ({ digest, reason: 'purged' as const }))
    const text = (await pagesOf({ ...given, contents: [], absent })).join(' ')
    expect(text).toContain(`0 in the package, ${absent.length} purged, 0 left out as private`)
    expect(text).not.toContain(`A task of ${task}`)
  })
})
