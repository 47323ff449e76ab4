import type { Command } from 'commander'
import { findAgentId } from '../../names.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { UsageError } from '../../usage-error.ts'
import { type AgentOptions, addAgentOptions, agentFieldsOf } from './agent-options.ts'
import { printAgent } from './show-agent.ts'

/**
 * Adds `agent create`. It prints the new agent, and on standard error each warning of the server with the command that
 * removes its cause.
 */
export function addAgentCreate(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('create')
    .summary('make an agent')
    .description('Makes an agent. It has only the tools and capabilities that are named.')
    .argument('<name>', 'its name')
    .addHelpText('after', exampleFor(invocation.environment.program))
    .action((name: string, options: AgentOptions) =>
      withClient(invocation, options, (context) => createAgent(context, name, options)),
    )
  addConnectionOptions(addAgentOptions(command))
}

const exampleFor = (program: string) => `
Example:
  ${program} agent create reader --tool list_files,read_file --capability filesystem:read --instructions "Answer briefly."`

async function createAgent(context: CommandContext, name: string, options: AgentOptions): Promise<void> {
  const agent = await context.client.createAgent({ name, ...(await agentFieldsOf(options)) })
  printAgent(context, agent, options.json ?? false)
}

/**
 * Adds `agent update`. It refuses an invocation that names no change. Runs that are queued already keep the
 * configuration that they were frozen with.
 */
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
  const changes = { name: options.name, ...(await agentFieldsOf(options)) }
  if (Object.values(changes).every((value) => value === undefined))
    throw new UsageError('Nothing to change was given; see --help.')
  const agent = await context.client.updateAgent(await findAgentId(context.client, word), changes)
  printAgent(context, agent, options.json ?? false)
}
