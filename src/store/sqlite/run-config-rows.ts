import type { JsonObject } from '../../domain/json.ts'
import type { RecordedConfig, Run, RunConfig } from '../../domain/task.ts'
import { json, type Row, text } from './columns.ts'
import { firstConfig } from './first-facts.ts'

type BareConfig = Omit<RecordedConfig, 'denied' | 'policy' | 'retentionDays' | 'principal' | 'pathLabels'>

const dayMs = 86_400_000

/** Until when the contents of its task are kept by this run; null while it has not ended. */
export function purgeAtOf({ endedAt, config }: Run): number | null {
  return endedAt === null ? null : endedAt + config.retentionDays * dayMs
}

/**
 * Of a row of `runs` with the text of its details as `details`. One that was queued before there were policies gets what they
 * would have given it.
 */
export function configOf(row: Row): RunConfig {
  const stored: RecordedConfig | BareConfig = json(row, 'config')
  const extension: JsonObject = row['details'] === null ? {} : json(row, 'details')
  if ('policy' in stored) return { ...stored, extension }
  return {
    ...stored,
    ...firstConfig,
    extension,
    principal: { ...firstConfig.principal, user: text(row, 'owner_id') },
  }
}
