import type { NamedSql } from '../named-sql.ts'
import { identitySql } from '../sql/identities.ts'
import { logSql } from '../sql/log.ts'
import { requirementSql } from '../sql/requirements.ts'
import { advanceSql, keepingSql, taskSql, taskWriteSql } from '../sql/tasks.ts'
import { insertDeliverySql, webhookSql } from '../sql/webhooks.ts'

/** Writes that need nothing of what the commit is given. */
export const writeSql = { ...taskWriteSql, ...keepingSql, ...identitySql, ...webhookSql, ...logSql } as const

export type RequirementName = keyof typeof requirementSql
export type AdvanceName = keyof typeof advanceSql
export type WriteName = keyof typeof writeSql
export type TaskSqlName = keyof typeof taskSql

/** All that the writer prepares, as text: its thread is handed it, and need not load what it is made from. */
export interface WriterSql {
  readonly requirements: Readonly<Record<RequirementName, string>>
  readonly task: Readonly<Record<TaskSqlName, string>>
  readonly advances: Readonly<Record<AdvanceName, string>>
  readonly writes: Readonly<Record<WriteName, string>>
  readonly insertDelivery: string
}

export const writerSql: WriterSql = {
  requirements: textsOf(requirementSql),
  task: textsOf(taskSql),
  advances: textsOf(advanceSql),
  writes: textsOf(writeSql),
  insertDelivery: insertDeliverySql.text,
}

function textsOf<Name extends string>(sql: Readonly<Record<Name, NamedSql>>): Record<Name, string> {
  const texts = Object.entries<NamedSql>(sql).map(([name, { text }]) => [name, text])
  return Object.fromEntries(texts)
}
