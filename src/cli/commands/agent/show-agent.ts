import type { Command } from 'commander'
import type { AgentView } from '../../../api/native/contract/agent.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatDuration } from '../../format/format-amount.ts'
import { formatFields } from '../../format/format-table.ts'
import { oneLine, printable } from '../../format/printable.ts'
import { findAgentId } from '../../names.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ShowAgentOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `agent show`. It prints the agent with its instructions and warnings. */
export function addAgentShow(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('show')
    .summary('one agent with its instructions')
    .description('Shows one agent: its model, its instructions, what it may do.')
    .argument('<agent>', 'its name, number or id')
    .option('--json', "print the server's answer")
    .action((word: string, options: ShowAgentOptions) =>
      withClient(invocation, options, async (context) => {
        const agent = await context.client.readAgent(await findAgentId(context.client, word))
        printAgent(context, agent, options.json ?? false)
      }),
    )
  addConnectionOptions(command)
}

/** Prints an agent. What keeps it from working goes to standard error, also with `--json`. */
export function printAgent({ terminal, paint, program }: CommandContext, agent: AgentView, json: boolean) {
  for (const { message, capabilities } of agent.warnings) {
    const remedy = `${program} agent update ${agent.number} --capability ${[...agent.capabilities, ...capabilities].join(',')}`
    terminal.err(`${paint('warning', 'warning:')} ${oneLine(message)}\n  ${oneLine(remedy)}\n`)
  }
  if (json) return writeJson(terminal, agent)
  const instructions =
    agent.instructions === null ? [] : ['', paint('heading', 'instructions'), printable(agent.instructions)]
  writeLines(terminal, [
    `${paint('heading', `agent ${agent.number}`)}  ${oneLine(agent.name)}`,
    ...formatFields(fieldsOf(agent)),
    ...instructions,
  ])
}

function fieldsOf(agent: AgentView): [string, string | null][] {
  return [
    ['state', agent.state],
    ['id', agent.id],
    ['description', agent.description || null],
    ['model', [agent.provider, agent.model].filter((part) => part !== null).join('/') || 'the default'],
    ['tools', agent.tools.join(', ') || 'none'],
    ['capabilities', agent.capabilities.join(', ') || 'none'],
    ['policy', agent.policy],
    ['path labels', agent.path_labels.map(({ path, labels }) => `${path}=${labels.join(',')}`).join(' ') || null],
    ['timeout', agent.timeout_seconds === null ? null : formatDuration(agent.timeout_seconds * 1_000)],
    ['max steps', agent.max_steps === null ? null : String(agent.max_steps)],
    ['concurrency', agent.concurrency === null ? null : String(agent.concurrency)],
    ['visibility', agent.visibility],
    ['created', agent.created_at],
    ['updated', agent.updated_at],
  ]
}
