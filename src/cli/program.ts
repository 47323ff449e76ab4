import type { Command } from 'commander'
import type { Client } from '../client/create-client.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { type ConnectionOptions, connect } from './connection.ts'
import { exitCodes } from './exit-codes.ts'
import type { OfflineCommands } from './offline-commands.ts'
import { createPaint, type Paint, type Terminal } from './terminal.ts'

/** The context of a command that calls a server. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly client: Client
  readonly paint: Paint
  /** The program as the person called it. Commands in printed hints begin with it. */
  readonly program: string
  readonly now: () => number
}

/** One invocation of the command line: what it may use, and what it will end with. */
export interface Invocation {
  readonly environment: CliEnvironment
  readonly offline: OfflineCommands
  exitCode: number
}

/** Adds a command, or a group of commands, to the program. */
export type AddCommand = (parent: Command, invocation: Invocation) => void

/** Adds the options that name the server and the key. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--url <address>', 'the server (default: MANDATE_URL, else the one on this machine)')
    .option('--key <key>', "the key (default: MANDATE_KEY, else this machine's own)")
}

/** Does the work with a client for the named server; a number it answers with becomes the exit code. */
export async function withClient(
  invocation: Invocation,
  options: ConnectionOptions,
  work: (context: CommandContext) => Promise<number | undefined> | Promise<void>,
): Promise<void> {
  const { environment, offline } = invocation
  const context = contextFor(environment, connect(options, environment, offline))
  invocation.exitCode = (await work(context)) ?? exitCodes.succeeded
}

/** The context for a client, painted as the terminal allows. */
export function contextFor({ terminal, program, now }: CliEnvironment, client: Client): CommandContext {
  return { terminal, client, paint: createPaint(terminal.coloured), program, now }
}
