import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { findAgentId } from '../../names.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../terminal.ts'

const moves = {
  pause: { call: 'pauseAgent', summary: 'take no new tasks for a while; what runs goes on' },
  resume: { call: 'resumeAgent', summary: 'take tasks again, also after an error' },
  stop: { call: 'stopAgent', summary: 'take no more tasks; what runs goes on' },
} as const
type Move = keyof typeof moves

interface MoveOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `pause`, `resume` and `stop`. */
export function addAgentMoves(parent: Command, invocation: Invocation): void {
  for (const move of Object.keys(moves) as Move[]) {
    const command = parent
      .command(move)
      .description(moves[move].summary)
      .argument('<agent>', 'its name, number or id')
      .option('--json', "print the server's answer")
      .action((word: string, options: MoveOptions) =>
        withClient(invocation, options, (context) => moveAgent(context, move, word, options)),
      )
    addConnectionOptions(command)
  }
}

async function moveAgent({ client, terminal }: CommandContext, move: Move, word: string, options: MoveOptions) {
  const agent = await client[moves[move].call](await findAgentId(client, word))
  if (options.json) return writeJson(terminal, agent)
  terminal.out(`agent ${agent.number} (${oneLine(agent.name)}) is ${agent.state}\n`)
}

/** Adds `agent delete`. The tasks of the agent stay. */
export function addAgentDelete(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('delete')
    .summary('delete an agent')
    .description('Deletes an agent. Its tasks stay.')
    .argument('<agent>', 'its name, number or id')
    .action((word: string, options: ConnectionOptions) =>
      withClient(invocation, options, (context) => deleteAgent(context, word)),
    )
  addConnectionOptions(command)
}

async function deleteAgent({ client, terminal }: CommandContext, word: string): Promise<void> {
  await client.deleteAgent(await findAgentId(client, word))
  terminal.out(`agent ${word} is deleted\n`)
}
