import type { JsonObject } from '../../domain/json.ts'
import type { RecordedConfig, Run, RunConfig } from '../../domain/task.ts'
import { json, type Row } from './columns.ts'

const dayMs = 86_400_000

/** Until when the contents of its task are kept by this run; null while it has not ended. */
export function purgeAtOf({ endedAt, config }: Run): number | null {
  return endedAt === null ? null : endedAt + config.retentionDays * dayMs
}

/** Of a row of `runs` with the text of its details as `details`. */
export function configOf(row: Row): RunConfig {
  const extension: JsonObject = row['details'] === null ? {} : json(row, 'details')
  return { ...json<RecordedConfig>(row, 'config'), extension }
}
