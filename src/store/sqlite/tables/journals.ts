import type { Content } from '../../../domain/content.ts'
import type { JournalEvent, NewEvent } from '../../../domain/event.ts'
import { digest, flag, hex, integer, json, type Row, readColumn, text, textOrBytes } from '../columns.ts'
import { defineTable } from '../table.ts'

// The events that one commit appends to a journal are one row of `events`: their envelopes as JSON, without their seqs.

/** The envelope of one event as it is stored in its batch. */
export function envelopeText(event: NewEvent): string {
  const { kind, run, attempt, at, facts, contents } = event
  return JSON.stringify({ kind, run, attempt, at, facts, contents })
}

/** Reads the events of one batch, in order. */
export function readBatch(row: Row): JournalEvent[] {
  const batch = readColumn(row, 'batch', json<NewEvent[]>())
  const before = readColumn(row, 'last_seq', integer) - batch.length
  // The writer stores nothing but new events.
  return batch.map((envelope, index) => ({ seq: before + index + 1, ...envelope }) as JournalEvent)
}

/** Contents by digest, each with its salt. */
export const contents = defineTable<Content>({
  name: 'contents',
  key: 'digest',
  assigned: ['task'],
  fields: { digest, salt: hex, mediaType: text, sealed: flag, body: textOrBytes },
})
