import type { DatabaseSync } from 'node:sqlite'
import { type Store, type UsageGroup, type UsageSum, usageGroups } from '../../store.ts'
import { integer, nullable, type Row, readColumn, text } from '../columns.ts'

const columns: Readonly<Record<UsageGroup, string>> = {
  day: 'day',
  agent: 'agent_id',
  user: 'owner_id',
  team: 'team_id',
}

/**
 * Sums of the use of ended runs. The cost grows with the days asked for and the users and agents of those days, not
 * with the runs.
 */
export function createUsageReads(database: DatabaseSync): Pick<Store, 'sumUsage'> {
  return {
    async sumUsage({ ownerId, from, to, by }) {
      const select = database.prepare(usageSql(by))
      return select.all({ from, to, ownerId: ownerId ?? null }).map(usageSumOf)
    },
  }
}

/** Composes the SQL. Only words of `columns` become part of it, never a value. */
function usageSql(by: readonly UsageGroup[]): string {
  const asked = usageGroups.filter((group) => by.includes(group)).map((group) => columns[group])
  const named = Object.values(columns).map((column) => `${asked.includes(column) ? column : 'NULL'} AS ${column}_asked`)
  const grouped = asked.length === 0 ? '' : `GROUP BY ${asked.join(', ')}`
  return `SELECT ${named.join(', ')}, sum(runs) AS runs, sum(cost_micros_usd) AS cost_micros_usd,
      sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(steps) AS steps
    FROM usage_days WHERE day BETWEEN :from AND :to AND owner_id = ifnull(:ownerId, owner_id)
    ${grouped} HAVING sum(runs) > 0 ORDER BY day_asked, agent_id_asked, owner_id_asked, team_id_asked`
}

function usageSumOf(row: Row): UsageSum {
  return {
    day: readColumn(row, 'day_asked', nullable(text)),
    agentId: readColumn(row, 'agent_id_asked', nullable(text)),
    ownerId: readColumn(row, 'owner_id_asked', nullable(text)),
    teamId: readColumn(row, 'team_id_asked', nullable(text)) || null,
    runs: readColumn(row, 'runs', integer),
    costMicrosUsd: readColumn(row, 'cost_micros_usd', integer),
    inputTokens: readColumn(row, 'input_tokens', integer),
    outputTokens: readColumn(row, 'output_tokens', integer),
    steps: readColumn(row, 'steps', integer),
  }
}
