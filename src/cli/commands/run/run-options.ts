import type { Command } from 'commander'
import type { CreateTask } from '../../../api/native/contract/task-requests.ts'
import type { Sendable } from '../../../client/send-request.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { collectPair, collectWord, collectWords, parseDollars, parseSeconds, parseWhole } from '../../parse-options.ts'

/** The parsed options of `mandate run`. `budget` is in micro-dollars and `timeout` in seconds. */
export interface RunOptions extends ConnectionOptions {
  readonly agent?: string
  readonly model?: string
  readonly provider?: string
  readonly file?: readonly string[]
  readonly policy?: string
  readonly capability?: readonly string[]
  readonly budget?: number
  readonly maxSteps?: number
  readonly timeout?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly priority?: number
  readonly title?: string
  /** Undefined where neither `--ask` nor `--no-ask` was given. */
  readonly ask?: boolean
  readonly json?: boolean
  readonly detach?: boolean
  readonly into?: string
}

/** Adds the options that `mandate run` and `task message` share. */
export function addRequestOptions(command: Command): Command {
  return command
    .option('-m, --model <name>', 'the model, by its name in the catalogue (see "model list")')
    .option('--provider <name>', 'the provider; with --model, both go through as they are')
    .option('-f, --file <path>', 'puts a file into the workspace; may be repeated', collectWord)
    .option('--policy <name>', 'the policy it is under (default: the agent\'s; see "policy list")')
    .option('--capability <names>', 'what it may do at most, separated by commas; may be repeated', collectWords)
    .option('--max-steps <number>', 'ends the run after so many model calls', parseWhole('--max-steps', 1, 1_000_000))
    .option('--timeout <time>', 'ends the run after so long: 90s, 15m, 2h', parseSeconds('--timeout'))
    .option('--priority <1-10>', '10 is most urgent', parseWhole('--priority', 1, 10))
}

/** Adds all options of `mandate run`: those of the run and those of the task. */
export function addRunOptions(command: Command): Command {
  return addRequestOptions(command)
    .option('-a, --agent <agent>', "the agent, by name, number or id (default: the server's)")
    .option('--budget <dollars>', 'what the task may cost at most: 5, 0.50', parseDollars('--budget'))
    .option('--ask', 'the agent may ask, and the task waits for the answer (default at a terminal)')
    .option('--no-ask', 'the agent may not ask')
    .option('--title <text>', 'the title (default: how the instructions begin)')
    .option('--metadata <name=value>', 'kept with the task; may be repeated', collectPair('--metadata'))
    .option('-o, --into <folder>', 'brings the files of its workspace there when it has ended')
    .option('--detach', 'submit only: print the task and leave it to the server')
    .option('--json', 'print the journal as JSON lines')
}

/** The options as the properties of a request. An option that was not given is undefined, and so not sent. */
export function requestOf({ capability, ...options }: RunOptions) {
  return {
    model: options.model,
    provider: options.provider,
    policy: options.policy,
    capabilities: capability && [...capability],
    max_steps: options.maxSteps,
    timeout_seconds: options.timeout,
    priority: options.priority,
  } satisfies Partial<Sendable<CreateTask>>
}
