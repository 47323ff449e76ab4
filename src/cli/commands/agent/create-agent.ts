import type { Command } from 'commander'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { type AgentOptions, addAgentOptions, agentFieldsOf } from './agent-options.ts'
import { printAgent } from './show-agent.ts'

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
