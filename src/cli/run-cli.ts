import { Command, CommanderError } from 'commander'
import { type CliEnvironment, processEnvironment } from './cli-environment.ts'
import { addAgentCommands } from './commands/agent/add-agent-commands.ts'
import { addKeyCommands } from './commands/key/add-key-commands.ts'
import { addModelCommands } from './commands/model/list-models.ts'
import { addPolicyCommands } from './commands/policy/add-policy-commands.ts'
import { addAnswer } from './commands/prompt/answer-prompt.ts'
import { addInbox } from './commands/prompt/show-inbox.ts'
import { addRun } from './commands/run/run-task.ts'
import { addBackup, addRestore, type PassphraseOptions } from './commands/server/archive.ts'
import { addServe } from './commands/server/serve.ts'
import { addHealth } from './commands/server/show-health.ts'
import { addTaskCommands } from './commands/task/add-task-commands.ts'
import { addTeamCommands } from './commands/team/team-commands.ts'
import { addToolCommands } from './commands/tool/list-tools.ts'
import { addUsage } from './commands/usage/show-usage.ts'
import { addUserCommands } from './commands/user/user-commands.ts'
import { addVerify } from './commands/verify/verify-package.ts'
import { addListen } from './commands/webhook/listen.ts'
import { exitCodes } from './exit-codes.ts'
import { explainError } from './explain-error.ts'
import type { OfflineCommands } from './offline-commands.ts'
import type { AddCommand, Invocation } from './program.ts'
import { createPaint } from './terminal.ts'

/** In the order in which `--help` names them. */
const commands: readonly AddCommand[] = [
  addServe,
  addRun,
  addInbox,
  addAnswer,
  addTaskCommands,
  addAgentCommands,
  addModelCommands,
  addToolCommands,
  addPolicyCommands,
  addUsage,
  addVerify,
  addKeyCommands,
  addUserCommands,
  addTeamCommands,
  addListen,
  addHealth,
  addBackup,
  addRestore,
]

/** Runs one command line (`argv` begins after the program's name) and answers with the exit code; never throws. */
export async function runCli(
  argv: readonly string[],
  offline: OfflineCommands,
  environment: CliEnvironment = processEnvironment(),
): Promise<number> {
  const invocation: Invocation = { environment, offline, exitCode: exitCodes.succeeded }
  try {
    await createProgram(invocation).parseAsync(argv, { from: 'user' })
    return invocation.exitCode
  } catch (error) {
    // Commander has written its own message by now; asking for help ends here too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.usage
    const { exitCode, lines } = explainError(error, environment.program)
    const paint = createPaint(environment.terminal.coloured)
    environment.terminal.err(`${paint('bad', 'mandate:')} ${lines.join('\n')}\n`)
    return exitCode
  }
}

function createProgram(invocation: Invocation): Command {
  const { terminal, program: name } = invocation.environment
  const program = new Command(name)
    .description('Hand an agent a task, with limits, and get proof.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /u, 'mandate: ')),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .showHelpAfterError('(add --help to see what it takes)')
    .helpCommand('help [command]', 'what a command takes')
    .helpOption('-h, --help', 'what this takes')
  // A mistyped MANDATE_URL or MANDATE_DATA would let the command work on something else than was meant.
  program.hook('preAction', (_program, command) => {
    const { passphraseEnv } = command.opts<PassphraseOptions>()
    invocation.offline.checkSettings(passphraseEnv === undefined ? [] : [passphraseEnv])
  })
  const { version } = invocation.offline
  if (version !== undefined) program.version(version, '-V, --version', 'the version')
  for (const add of commands) add(program, invocation)
  return program
}
