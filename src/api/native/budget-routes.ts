import { Refusal } from '../../domain/refusal.ts'
import { readBudget } from '../../engine/queries/read-budget.ts'
import { sumUsage } from '../../engine/queries/sum-usage.ts'
import { type UsageGroup, type UsageSum, usageGroups } from '../../store/store.ts'
import { json } from '../edge/define-refusals.ts'
import { answers, IdSchema } from './answers.ts'
import { BudgetSchema } from './contract/budget.ts'
import { UsageQuerySchema, UsageReportSchema, type UsageReportView } from './contract/usage-report.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { ledgerView } from './present-values.ts'
import { taskIdOf } from './read-task-view.ts'

/** Adds the routes that read the budget of a task and sum the usage of tasks. */
export function addBudgetRoutes(app: NativeApp, { deps }: NativeContext): void {
  const budget = answers({ 200: json('The budget.', BudgetSchema) }, ['task_not_found'])
  app.get(
    '/v1/tasks/:id/budget',
    { schema: { summary: 'Read the budget of a task', params: IdSchema, response: budget } },
    async ({ principal, params }) => {
      const { ledger, available } = await readBudget(deps, principal, await taskIdOf(deps, params.id))
      return { ...ledgerView(ledger), available: { ...available } }
    },
  )
  const report = answers({ 200: json('The sums.', UsageReportSchema) }, ['invalid_input', 'role_forbidden'])
  app.get(
    '/v1/usage',
    { schema: { summary: 'Sum up what ended runs used', querystring: UsageQuerySchema, response: report } },
    async ({ principal, query }): Promise<UsageReportView> => {
      const { from, to, user_id: ownerId } = query
      const found = await sumUsage(deps, principal, { from, to, ownerId, by: readGroups(query.by) })
      return { from: found.from, to: found.to, usage: found.sums.map(usageRow) }
    },
  )
}

function usageRow(sum: UsageSum): UsageReportView['usage'][number] {
  return {
    day: sum.day,
    agent_id: sum.agentId,
    user_id: sum.ownerId,
    team_id: sum.teamId,
    runs: sum.runs,
    steps: sum.steps,
    input_tokens: sum.inputTokens,
    output_tokens: sum.outputTokens,
    cost_micros_usd: sum.costMicrosUsd,
  }
}

function readGroups(text: string | undefined): UsageGroup[] {
  if (text === undefined) return []
  const requested = new Set(text.split(','))
  const groups = usageGroups.filter((group) => requested.has(group))
  if (groups.length === requested.size) return groups
  const message = `must be one or several, with commas between, of: ${usageGroups.join(', ')}`
  throw new Refusal('invalid_input', 'The sums cannot be made by that.', { fields: [{ field: 'by', message }] })
}
