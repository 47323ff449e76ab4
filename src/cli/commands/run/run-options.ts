import type { Command } from 'commander'
import type { CreateTask } from '../../../api/native/contract/task-requests.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { collectPair, collectWord, collectWords, parseDollars, parseSeconds, parseWhole } from '../../parse-options.ts'

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
  readonly json?: boolean
  readonly detach?: boolean
  readonly into?: string
}

/** What a run is asked with; a further message takes the same. */
export function addWishOptions(command: Command): Command {
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

export function addRunOptions(command: Command): Command {
  return addWishOptions(command)
    .option('-a, --agent <agent>', "the agent, by name, number or id (default: the server's)")
    .option('--budget <dollars>', 'what the task may cost at most: 5, 0.50', parseDollars('--budget'))
    .option('--title <text>', 'the title (default: how the instructions begin)')
    .option('--metadata <name=value>', 'kept with the task; may be repeated', collectPair('--metadata'))
    .option('-o, --into <folder>', 'brings the files of its workspace there when it has ended')
    .option('--detach', 'submit only: print the task and leave it to the server')
    .option('--json', 'print the journal as JSON lines')
}

/** The wishes as the API takes them; what was not said is left out. */
export function wishesOf(options: RunOptions) {
  return {
    ...(options.model !== undefined && { model: options.model }),
    ...(options.provider !== undefined && { provider: options.provider }),
    ...(options.policy !== undefined && { policy: options.policy }),
    ...(options.capability && { capabilities: [...options.capability] }),
    ...(options.maxSteps !== undefined && { max_steps: options.maxSteps }),
    ...(options.timeout !== undefined && { timeout_seconds: options.timeout }),
    ...(options.priority !== undefined && { priority: options.priority }),
  } satisfies Partial<CreateTask>
}
