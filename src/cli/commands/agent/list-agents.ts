import type { Command } from 'commander'
import type { AgentSummary } from '../../../api/native/contract/agent.ts'
import { type AgentState, agentStates } from '../../../domain/agent.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { parseWhole, parseWord } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListAgentsOptions extends ConnectionOptions {
  readonly state?: AgentState
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

/** Adds `agent list`. It prints one page; the cursor of the next page stands below the table. */
export function addAgentList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the agents')
    .description('Lists the agents that you may use.')
    .option('-s, --state <state>', `only these: ${agentStates.join(', ')}`, parseWord('--state', agentStates))
    .option('-n, --limit <number>', 'how many', parseWhole('--limit', 1, 1_000))
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .option('--json', "print the server's answer")
    .action((options: ListAgentsOptions) => withClient(invocation, options, (context) => listAgents(context, options)))
  addConnectionOptions(command)
}

async function listAgents({ client, terminal, paint, program }: CommandContext, options: ListAgentsOptions) {
  const { state, limit, cursor } = options
  const page = await client.listAgents({ state, limit, cursor })
  if (options.json) return writeJson(terminal, page)
  if (page.agents.length === 0)
    return terminal.out(`There are no such agents. Create one with: ${program} agent create\n`)
  writeLines(terminal, formatTable(columns, page.agents, terminal))
  if (page.next_cursor !== null) terminal.out(paint('quiet', `More with --cursor ${page.next_cursor}\n`))
}

const columns: Column<AgentSummary>[] = [
  { title: 'agent', cell: ({ number }) => String(number), align: 'right' },
  { title: 'name', cell: ({ name }) => name, charsMax: 30, shrinksTo: 12 },
  { title: 'state', cell: ({ state }) => state },
  { title: 'model', cell: ({ model, provider }) => model ?? provider ?? '(default)', charsMax: 24, shrinksTo: 12 },
  { title: 'tools', cell: ({ tools }) => String(tools.length), align: 'right' },
  { title: 'visibility', cell: ({ visibility }) => visibility },
  { title: 'description', cell: ({ description }) => description, charsMax: 50, shrinksTo: 16, optional: true },
]
