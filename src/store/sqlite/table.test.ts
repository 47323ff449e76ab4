import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digest, flag, integer, json, nullable, oneOf, readColumn, text } from './columns.ts'
import { defineTable, readOnly, type Spread } from './table.ts'

interface Book {
  readonly isbn: string
  readonly number: number
  readonly shelfMark: string
  readonly cover: string
  readonly tags: readonly string[]
  readonly lentTo: string | null
  readonly isNew: boolean
  readonly state: 'here' | 'away'
  /** Width and height. */
  readonly size: readonly [number, number]
}

const size: Spread<Book['size']> = {
  columns: { width: ([width]) => width, height: ([, height]) => height },
  read: (row) => [readColumn(row, 'width', integer), readColumn(row, 'height', integer)],
}

const books = defineTable<Book>({
  name: 'books',
  key: 'isbn',
  kept: ['shelf_mark'],
  assigned: ['room'],
  fields: {
    isbn: text,
    number: readOnly(integer),
    shelfMark: text,
    cover: digest,
    tags: json(),
    lentTo: nullable(text),
    isNew: flag,
    state: oneOf(['here', 'away']),
    size,
  },
  derived: { area: ({ size: [width, height] }) => width * height },
})

const book: Book = {
  isbn: 'i',
  number: 1,
  shelfMark: 'A 1',
  cover: `sha256:${'5a'.repeat(32)}`,
  tags: ['x', 'y'],
  lentTo: null,
  isNew: true,
  state: 'here',
  size: [2, 3],
}
const changed: Book = { ...book, shelfMark: 'B 2', tags: [], lentTo: 'ada', isNew: false, state: 'away', size: [4, 5] }

let database: DatabaseSync
beforeEach(() => {
  database = new DatabaseSync(':memory:')
  database.exec(`CREATE TABLE books (number INTEGER PRIMARY KEY, room INTEGER NOT NULL, isbn TEXT NOT NULL UNIQUE,
    shelf_mark TEXT NOT NULL, cover BLOB NOT NULL, tags TEXT NOT NULL, lent_to TEXT, is_new INTEGER NOT NULL,
    state TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, area INTEGER NOT NULL) STRICT`)
})
afterEach(() => database.close())

const rows = () => database.prepare('SELECT * FROM books').all()
const insert = () => database.prepare(books.insert.text).run(7, ...books.insert.parametersOf(book))

test('a row that was inserted is read as it was, with what was assigned and what is derived beside it', () => {
  insert()
  expect(rows().map(books.read)).toEqual([book])
  expect(rows()).toMatchObject([{ room: 7, area: 6, cover: new Uint8Array(32).fill(0x5a) }])
})

test('an update changes every column of its row but the key and what is kept, and no other row', () => {
  insert()
  database.prepare(books.insert.text).run(8, ...books.insert.parametersOf({ ...book, isbn: 'other' }))
  database.prepare(books.update.text).run(...books.update.parametersOf(changed))
  expect(rows().map(books.read)).toEqual([
    { ...changed, shelfMark: 'A 1' },
    { ...book, isbn: 'other', number: 2 },
  ])
  expect(rows()).toMatchObject([{ area: 20 }, { area: 6 }])
})

test('an upsert inserts, and then updates', () => {
  const upsert = database.prepare(books.upsert.text)
  upsert.run(7, ...books.upsert.parametersOf(book))
  upsert.run(8, ...books.upsert.parametersOf(changed))
  expect(rows().map(books.read)).toEqual([{ ...changed, shelfMark: 'A 1' }])
  expect(rows()).toMatchObject([{ room: 7, area: 20 }])
})

test('an insert of what may be there changes nothing where it is', () => {
  const insertIfAbsent = database.prepare(books.insertIfAbsent.text)
  insertIfAbsent.run(7, ...books.insertIfAbsent.parametersOf(book))
  insertIfAbsent.run(8, ...books.insertIfAbsent.parametersOf(changed))
  expect(rows().map(books.read)).toEqual([book])
})

test('a column that holds what it cannot mean is a defect, and is named', () => {
  insert()
  database.exec("UPDATE books SET state = 'burnt'")
  expect(() => rows().map(books.read)).toThrow('state has no meaning here: burnt.')
  expect(() => books.read({ ...rows()[0], state: 'here', shelf_mark: null })).toThrow('shelf_mark is not text.')
})
