import type { NamedSql } from '../named-sql.ts'
import { identitySql } from '../sql/identities.ts'
import { logSql } from '../sql/log.ts'
import { promptSql } from '../sql/prompts.ts'
import { requirementSql } from '../sql/requirements.ts'
import { advanceSql, keepingSql, taskSql, taskWriteSql } from '../sql/tasks.ts'
import { insertDeliverySql, webhookSql } from '../sql/webhooks.ts'

/** SQL that needs no number that the writer assigns. */
export const writeSql = {
  ...taskWriteSql,
  ...keepingSql,
  ...identitySql,
  ...webhookSql,
  ...logSql,
  ...promptSql,
} as const

/** The name of a requirement's SQL. */
export type RequirementName = keyof typeof requirementSql
/** The name of SQL that advances a task. */
export type AdvanceName = keyof typeof advanceSql
/** The name of SQL that needs no number of the writer's. */
export type WriteName = keyof typeof writeSql
/** The name of SQL that needs a task's number. */
export type TaskSqlName = keyof typeof taskSql

/**
 * The text of everything that the writer prepares. The thread receives it and need not load the modules that it is made
 * of.
 */
export interface WriterSql {
  readonly requirements: Readonly<Record<RequirementName, string>>
  readonly task: Readonly<Record<TaskSqlName, string>>
  readonly advances: Readonly<Record<AdvanceName, string>>
  readonly writes: Readonly<Record<WriteName, string>>
  readonly insertDelivery: string
}

/** The text of all SQL of this store. */
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
