import type { Command } from 'commander'
import { findAgentId } from '../../find-agent.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { UsageError } from '../../usage-error.ts'
import { type AgentOptions, addAgentOptions, agentFieldsOf } from './agent-options.ts'
import { printAgent } from './show-agent.ts'

export function addAgentUpdate(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('update')
    .summary('change an agent')
    .description('Changes what is given and nothing else. Runs that are queued already keep what they were given.')
    .argument('<agent>', 'its name, number or id')
    .option('--name <name>', 'a new name')
    .action((word: string, options: AgentOptions) =>
      withClient(invocation, options, (context) => updateAgent(context, word, options)),
    )
  addConnectionOptions(addAgentOptions(command))
}

async function updateAgent(context: CommandContext, word: string, options: AgentOptions): Promise<void> {
  const changes = { ...(options.name !== undefined && { name: options.name }), ...(await agentFieldsOf(options)) }
  if (Object.keys(changes).length === 0) throw new UsageError('Nothing to change was given; see --help.')
  const agent = await context.client.updateAgent(await findAgentId(context.client, word), changes)
  printAgent(context, agent, options.json ?? false)
}
