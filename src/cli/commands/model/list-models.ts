import type { Command } from 'commander'
import type { ModelView } from '../../../api/native/contract/model.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListModelsOptions extends ConnectionOptions {
  readonly json?: boolean
}

/**
 * Adds `mandate model` with its one command, `model list`. A model that cannot be called shows the setting that it
 * lacks.
 */
export function addModelCommands(parent: Command, invocation: Invocation): void {
  const group = parent.command('model').summary('look at the models').description('Look at the models.')
  const command = group
    .command('list')
    .alias('ls')
    .summary('the models that this server can call')
    .description('Lists the models that this server can call, and what the others lack.')
    .option('--json', "print the server's answer")
    .action((options: ListModelsOptions) => withClient(invocation, options, (context) => listModels(context, options)))
  addConnectionOptions(command)
}

async function listModels({ client, terminal }: CommandContext, options: ListModelsOptions) {
  const list = await client.listModels()
  if (options.json) return writeJson(terminal, list)
  writeLines(terminal, formatTable(columns, list.models, terminal))
}

const columns: Column<ModelView>[] = [
  { title: 'name', cell: (model) => (model.default ? `${model.name} (default)` : model.name), shrinksTo: 20 },
  { title: 'provider', cell: ({ provider }) => provider, shrinksTo: 10, optional: true },
  { title: 'model', cell: ({ model }) => model, charsMax: 40, shrinksTo: 16 },
  { title: 'available', cell: (model) => (model.available ? 'yes' : `lacks ${lackOf(model)}`), shrinksTo: 34 },
]

/** The variable that the server's reason names, where it names one; else the reason. */
function lackOf({ unavailable_reason }: ModelView): string {
  return /\bset ([A-Z][A-Z0-9_]+)/u.exec(unavailable_reason ?? '')?.[1] ?? unavailable_reason ?? ''
}
