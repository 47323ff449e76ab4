import type { JsonObject } from '../../domain/json.ts'
import type { RecordedConfig, RunConfig } from '../../domain/task.ts'
import { json, type Row } from './columns.ts'

/** Of a row of `runs` with the text of its details as `details`. */
export function configOf(row: Row): RunConfig {
  const extension: JsonObject = row['details'] === null ? {} : json(row, 'details')
  return { ...json<RecordedConfig>(row, 'config'), extension }
}
