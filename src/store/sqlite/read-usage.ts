import type { DatabaseSync } from 'node:sqlite'
import { type Store, type UsageGroup, type UsageSum, usageGroups } from '../store.ts'
import { integer, type Row, textOrNull } from './columns.ts'

const columns: Readonly<Record<UsageGroup, string>> = {
  day: 'day',
  agent: 'agent_id',
  user: 'owner_id',
  team: 'team_id',
}

/** Sums of what ended runs used; its cost grows with the days asked for and who worked on them, not with the runs. */
export function createUsageReads(database: DatabaseSync): Pick<Store, 'sumUsage'> {
  return {
    async sumUsage({ ownerId, from, to, by }) {
      const statement = database.prepare(usageSql(by))
      return statement.all(from, to, ownerId ?? null).map(usageSumOf)
    },
  }
}

/** Only words of `columns` get into the statement. */
function usageSql(by: readonly UsageGroup[]): string {
  const asked = usageGroups.filter((group) => by.includes(group)).map((group) => columns[group])
  const named = Object.values(columns).map((column) => `${asked.includes(column) ? column : 'NULL'} AS ${column}_asked`)
  const grouped = asked.length === 0 ? '' : `GROUP BY ${asked.join(', ')}`
  return `SELECT ${named.join(', ')}, sum(runs) AS runs, sum(cost_micros_usd) AS cost_micros_usd,
      sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(steps) AS steps
    FROM usage_days WHERE day BETWEEN ?1 AND ?2 AND owner_id = ifnull(?3, owner_id)
    ${grouped} HAVING sum(runs) > 0 ORDER BY day_asked, agent_id_asked, owner_id_asked, team_id_asked`
}

function usageSumOf(row: Row): UsageSum {
  return {
    day: textOrNull(row, 'day_asked'),
    agentId: textOrNull(row, 'agent_id_asked'),
    ownerId: textOrNull(row, 'owner_id_asked'),
    teamId: textOrNull(row, 'team_id_asked') || null,
    runs: integer(row, 'runs'),
    costMicrosUsd: integer(row, 'cost_micros_usd'),
    inputTokens: integer(row, 'input_tokens'),
    outputTokens: integer(row, 'output_tokens'),
    steps: integer(row, 'steps'),
  }
}
