import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { stateTones } from '../../live/summarise-task.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../terminal.ts'

const moves = {
  cancel: {
    call: 'cancelTask',
    summary: 'end a task for good',
    description: 'Ends a task for good and aborts what it is doing. Only a further message starts it anew.',
  },
  stop: {
    call: 'stopTask',
    summary: 'pause a task',
    description: 'Pauses a task as soon as what it is doing is done. Everything is kept; "resume" goes on.',
  },
  resume: {
    call: 'resumeTask',
    summary: 'go on with a paused task',
    description: 'Puts a paused task back into the queue.',
  },
} as const
type Move = keyof typeof moves

interface MoveOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `cancel`, `stop` and `resume`. */
export function addTaskMoves(parent: Command, invocation: Invocation): void {
  for (const move of Object.keys(moves) as Move[]) {
    const command = parent
      .command(move)
      .summary(moves[move].summary)
      .description(moves[move].description)
      .argument('<task>', 'its number or id')
      .option('--json', "print the server's answer")
      .action((id: string, options: MoveOptions) =>
        withClient(invocation, options, (context) => moveTask(context, move, id, options)),
      )
    addConnectionOptions(command)
  }
}

async function moveTask({ client, terminal, paint }: CommandContext, move: Move, id: string, options: MoveOptions) {
  const task = await client[moves[move].call](id)
  if (options.json) return writeJson(terminal, task)
  const pending = task.run.stop_requested_at !== null ? ', and stops when what it is doing is done' : ''
  terminal.out(`task ${task.number} is ${paint(stateTones[task.state], task.state)}${pending}\n`)
}
