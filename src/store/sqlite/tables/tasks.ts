import type { Amounts, Ledger } from '../../../domain/budget.ts'
import { purgedPlaceholder } from '../../../domain/content.ts'
import type { JsonObject } from '../../../domain/json.ts'
import { dialects, visibilities } from '../../../domain/principal.ts'
import { runStates } from '../../../domain/run-state.ts'
import type { Task } from '../../../domain/task.ts'
import { withoutPrivate } from '../../../domain/task-details.ts'
import { type Column, integer, json, nullable, oneOf, type Parameter, type Row, readColumn, text } from '../columns.ts'
import { defineTable, readOnly, type Spread } from '../table.ts'

const amountNames = ['micros_usd', 'tokens', 'steps'] as const
const ledgerParts = ['cap', 'spent', 'reserved', 'lent'] as const

/** The ledger, with a column for each amount of each part, such as `cap_tokens`. */
const ledger: Spread<Ledger> = {
  columns: Object.fromEntries(
    ledgerParts.flatMap((part) =>
      amountNames.map((amount) => [`${part}_${amount}`, (value: Ledger) => value[part][amount]]),
    ),
  ),
  read: (row) => ({
    cap: amountsOf(row, 'cap'),
    spent: amountsOf(row, 'spent'),
    reserved: amountsOf(row, 'reserved'),
    lent: amountsOf(row, 'lent'),
  }),
}

function amountsOf(row: Row, part: keyof Ledger): Amounts {
  return {
    micros_usd: readColumn(row, `${part}_micros_usd`, integer),
    tokens: readColumn(row, `${part}_tokens`, integer),
    steps: readColumn(row, `${part}_steps`, integer),
  }
}

const textOrNull = nullable(text)
const submitter: Spread<Task['submitter']> = {
  columns: { submitter_id: ({ userId }) => userId, submitter_key_id: ({ keyId }) => keyId },
  read: (row) => ({
    userId: readColumn(row, 'submitter_id', text),
    keyId: readColumn(row, 'submitter_key_id', textOrNull),
  }),
}

const jsonObject = json<JsonObject>()

/** The dialect's data about a task. Its `private` part has a column of its own, which a purge empties. */
const extension: Spread<JsonObject> = {
  columns: {},
  read(row) {
    const kept = readColumn(row, 'extension', jsonObject)
    return row['private'] === null ? kept : { ...kept, private: readColumn(row, 'private', json()) }
  },
}

/** Tasks. A row is read with the columns of its details. */
export const tasks = defineTable<Task>({
  name: 'tasks',
  key: 'id',
  assigned: ['details_row', 'last_seq'],
  fields: {
    id: text,
    number: readOnly(integer),
    ownerId: text,
    teamId: nullable(text),
    submitter,
    visibility: oneOf(visibilities),
    agentId: text,
    dialect: oneOf(dialects),
    title: readOnly(orElse(text, purgedPlaceholder)),
    parentId: nullable(text),
    rootId: text,
    metadata: readOnly(orElse(jsonObject, {})),
    extension,
    webhook: nullable(json()),
    runId: text,
    state: oneOf(runStates),
    lastSeq: readOnly(integer),
    ledger,
    purgeAt: nullable(integer),
    purgedAt: nullable(integer),
    hold: nullable(text),
    manifest: nullable(text),
    createdAt: integer,
    updatedAt: integer,
  },
})

/** The parameters of `insertDetails`: title, metadata, extension and the private part of the extension. */
export function taskDetailsParameters({ title, metadata, extension }: Task): Parameter[] {
  const { private: hidden } = extension
  const kept = hidden === undefined ? extension : withoutPrivate(extension)
  return [title, JSON.stringify(metadata), JSON.stringify(kept), hidden === undefined ? null : JSON.stringify(hidden)]
}

/** A column that reads as `purged` where a purge has emptied it. */
function orElse<Value>(column: Column<Value>, purged: Value): Column<Value> {
  return { ...column, read: (stored, name) => (stored === null ? purged : column.read(stored, name)) }
}
