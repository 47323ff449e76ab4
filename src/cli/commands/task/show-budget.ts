import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { formatCost, formatCount } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ShowBudgetOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `task budget`. The amounts are those of the task alone; what its sub-tasks were lent is a line of its own. */
export function addTaskBudget(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('budget')
    .summary('what a task may use up, and what it has used')
    .description('Shows what a task may use up, what of it is spent, reserved, and lent to its sub-tasks.')
    .argument('<task>', 'its number or id')
    .option('--json', "print the server's answer")
    .action((id: string, options: ShowBudgetOptions) =>
      withClient(invocation, options, (context) => showBudget(context, id, options)),
    )
  addConnectionOptions(command)
}

type Amounts = Awaited<ReturnType<CommandContext['client']['readBudget']>>['available']

async function showBudget({ client, terminal }: CommandContext, id: string, options: ShowBudgetOptions) {
  const budget = await client.readBudget(id)
  if (options.json) return writeJson(terminal, budget)
  const names = ['cap', 'spent', 'reserved', 'lent', 'available'] as const
  writeLines(
    terminal,
    formatTable(
      columns,
      names.map((name) => ({ name, amounts: budget[name] })),
      terminal,
    ),
  )
}

const columns: Column<{ readonly name: string; readonly amounts: Amounts }>[] = [
  { title: '', cell: ({ name }) => name },
  { title: 'cost', cell: ({ amounts }) => formatCost(amounts.micros_usd), align: 'right' },
  { title: 'tokens', cell: ({ amounts }) => formatCount(amounts.tokens), align: 'right' },
  { title: 'steps', cell: ({ amounts }) => formatCount(amounts.steps), align: 'right' },
]
