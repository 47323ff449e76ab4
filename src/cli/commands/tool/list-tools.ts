import type { Command } from 'commander'
import type { ToolView } from '../../../api/native/contract/tool.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListToolsOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `mandate tool`. */
export function addToolCommands(parent: Command, invocation: Invocation): void {
  const group = parent.command('tool').summary('look at the tools').description('Look at the tools.')
  const command = group
    .command('list')
    .alias('ls')
    .summary('the tools, and the capabilities that they need')
    .description(
      'Lists the tools that an agent may be given, and the capabilities that it needs to use them: ' +
        '"agent create --tool … --capability …".',
    )
    .option('--json', "print the server's answer")
    .action((options: ListToolsOptions) => withClient(invocation, options, (context) => listTools(context, options)))
  addConnectionOptions(command)
}

async function listTools({ client, terminal }: CommandContext, options: ListToolsOptions) {
  const list = await client.listTools()
  if (options.json) return writeJson(terminal, list)
  writeLines(terminal, formatTable(columns, list.tools, terminal))
}

const columns: Column<ToolView>[] = [
  { title: 'tool', cell: ({ name }) => name, shrinksTo: 20 },
  { title: 'needs', cell: ({ capabilities }) => capabilities.join(','), shrinksTo: 20 },
  { title: 'description', cell: ({ description }) => description, charsMax: 100, shrinksTo: 20, optional: true },
]
