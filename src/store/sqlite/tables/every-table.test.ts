import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import type { Table } from '../table.ts'

interface Expected {
  /** The columns that the list of columns leaves to other SQL, or to SQLite. */
  readonly writtenElsewhere?: readonly string[]
  /** The columns that an update leaves as they are. */
  readonly kept: readonly string[]
}

const kept = ['id']
const expected: Readonly<Record<string, Expected>> = {
  agents: { writtenElsewhere: ['deleted', 'number'], kept },
  answer_links: { kept: ['token_hash'] },
  chat_members: { kept: ['chat_id'] },
  chats: { kept },
  contents: { writtenElsewhere: ['row'], kept: ['digest', 'task'] },
  deliveries: { writtenElsewhere: ['endpoint', 'row', 'target', 'task'], kept },
  endpoints: {
    writtenElsewhere: ['row'],
    kept: ['created_at', 'format', 'id', 'owner_id', 'secret_holder', 'task_id', 'team_id'],
  },
  keys: { kept },
  log_heads: { writtenElsewhere: ['log'], kept: [] },
  prompts: { kept },
  runs: {
    writtenElsewhere: ['closed', 'row'],
    kept: [
      'agent_id',
      'config',
      'details_row',
      'id',
      'input',
      'owner_id',
      'place',
      'priority',
      'stop_requested_at',
      'task',
      'turn',
    ],
  },
  shares: { kept: ['code', 'created_at', 'created_by', 'task_id'] },
  tasks: { writtenElsewhere: ['number'], kept: ['details_row', 'id', 'last_seq'] },
  teams: { kept },
  users: { kept },
  webhook_secrets: { kept: ['holder'] },
}

/** The tables that have no list of columns: hand-written SQL fills them. */
const withoutList = [
  'details',
  'events',
  'idempotency',
  'log_nodes',
  'logs',
  'migrations',
  'policies',
  'probe',
  'prompt_changes',
  'settings',
  'statements',
  'usage_days',
]

const isTable = (value: unknown): value is Table<object> =>
  typeof value === 'object' && value !== null && 'insertIfAbsent' in value

/** The columns of each list by the name of its table, as its SQL has them: those it inserts and those it updates. */
async function readLists() {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const files = globSync('*.ts', { cwd: folder }).filter((file) => !file.endsWith('.test.ts'))
  const modules = await Promise.all(files.map(async (file): Promise<object> => import(`${folder}/${file}`)))
  const tables = modules.flatMap((module) => Object.values(module)).filter(isTable)
  return new Map(
    tables.map(({ insert, update }) => {
      const [, name = '', inserted = ''] = /^INSERT INTO (\w+) \((.*?)\)/u.exec(insert.text) ?? []
      const [, assignments = ''] = /^UPDATE \w+ SET (.*) WHERE/u.exec(update.text) ?? []
      const updated = [...assignments.matchAll(/(\w+) = /gu)].map(([, column = '']) => column)
      return [name, { inserted: inserted.split(', '), updated }] as const
    }),
  )
}

function readSchema(): Map<string, string[]> {
  using database = openMigratedDatabase()
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)')
  return new Map(
    names.all().map(({ name }) => [String(name), columns.all(name ?? null).map((column) => String(column['name']))]),
  )
}

const lists = await readLists()
const schema = readSchema()

test('each table of the schema has a list of its columns or is filled by hand-written SQL', () => {
  expect([...lists.keys()].sort()).toEqual(Object.keys(expected))
  expect([...schema.keys()].sort()).toEqual([...Object.keys(expected), ...withoutList].sort())
})

test.each(Object.entries(expected))(
  'the list of %s has each column of the schema once, and no other',
  (name, { writtenElsewhere = [] }) => {
    const inserted = lists.get(name)?.inserted ?? []
    expect([...inserted, ...writtenElsewhere].sort()).toEqual(schema.get(name)?.toSorted())
  },
)

test.each(Object.entries(expected))('an update of %s leaves the row where it belongs', (name, { kept }) => {
  const { inserted = [], updated = [] } = lists.get(name) ?? {}
  expect(inserted.filter((column) => !updated.includes(column)).sort()).toEqual(kept)
})
