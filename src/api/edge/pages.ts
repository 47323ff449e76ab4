import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import type { PageRequest } from '../../store/store.ts'

/** The number of rows on a page where a request does not name it, unless the server allows fewer. */
export const pageSizeDefault = 50

/** The order of a list, which its cursor refers to. */
type Order = 'number' | 'created_at'

/**
 * Makes the request for a page. It asks for one row more than is shown, which tells whether there are more. Refuses
 * `invalid_input` for a limit above `page_size_max` and for a cursor of another list.
 */
export function pageRequest(limits: Limits, order: Order, query: { cursor?: string; limit?: number }): PageRequest {
  const limit = query.limit ?? Math.min(pageSizeDefault, limits.page_size_max)
  withinLimit(limits, 'page_size_max', 'limit', limit)
  return { limit: limit + 1, before: query.cursor === undefined ? undefined : readCursor(order, query.cursor) }
}

/** A page of a list. `next_cursor` is null on the last one. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly has_more: boolean
  readonly next_cursor: string | null
}

/** Makes a page of the rows that a request of `pageRequest` found. */
export function pageOf<Row extends CursorRow>(order: Order, rows: readonly Row[], request: PageRequest): Page<Row> {
  const shown = rows.slice(0, request.limit - 1)
  const last = shown.at(-1)
  const more = rows.length > shown.length && last !== undefined
  return { rows: shown, has_more: more, next_cursor: more ? writeCursor(order, last) : null }
}

interface CursorRow {
  readonly number?: number
  readonly createdAt: number
  readonly id: string
}

function writeCursor(order: Order, { number, createdAt, id }: CursorRow): string {
  return Buffer.from(order === 'number' ? `n${number}` : `c${createdAt}.${id}`).toString('base64url')
}

function readCursor(order: Order, cursor: string): NonNullable<PageRequest['before']> {
  const text = Buffer.from(cursor, 'base64url').toString()
  const number = order === 'number' ? /^n(\d{1,15})$/u.exec(text) : null
  if (number !== null) return { number: Number(number[1]) }
  const created = order === 'created_at' ? /^c(\d{1,15})\.(.{1,200})$/su.exec(text) : null
  if (created?.[2] !== undefined) return { createdAt: Number(created[1]), id: created[2] }
  const fields = [{ field: 'cursor', message: 'must be the cursor that came with the page before it' }]
  throw new Refusal('invalid_input', 'The cursor is not one of this list.', { fields })
}
