import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { UpdateAgent } from '../../../api/native/contract/agent.ts'
import type { Sendable } from '../../../client/send-request.ts'
import { type Visibility, visibilities } from '../../../domain/principal.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { collectPair, collectWords, parseSeconds, parseWhole, parseWord } from '../../parse-options.ts'
import { UsageError } from '../../usage-error.ts'

/**
 * The parsed options of `agent create` and `agent update`. `timeout` is in seconds. An empty model, provider or policy
 * clears the property.
 */
export interface AgentOptions extends ConnectionOptions {
  readonly name?: string
  readonly description?: string
  readonly instructions?: string
  readonly instructionsFile?: string
  readonly model?: string
  readonly provider?: string
  readonly tool?: readonly string[]
  readonly capability?: readonly string[]
  readonly policy?: string
  readonly labelPath?: Readonly<Record<string, string>>
  readonly timeout?: number
  readonly maxSteps?: number
  readonly concurrency?: number
  readonly visibility?: Visibility
  readonly json?: boolean
}

/**
 * Adds the options that `agent create` and `agent update` share. Each refuses a value that the API would refuse by its
 * form.
 */
export function addAgentOptions(command: Command): Command {
  return command
    .option('--description <text>', 'for people')
    .option('--instructions <text>', 'what the model is told before anything else')
    .option('--instructions-file <path>', 'the same, from a file')
    .option('-m, --model <name>', 'the model, by its name in the catalogue; an empty name goes by the defaults')
    .option('--provider <name>', 'the provider; with --model, both go through as they are')
    .option('--tool <names>', 'the tools it has, separated by commas; may be repeated', collectWords)
    .option('--capability <names>', 'what it may do, separated by commas; may be repeated', collectWords)
    .option('--policy <name>', "the policy of its tasks; an empty name goes by the server's default")
    .option(
      '--label-path <glob=labels>',
      'reading such a file brings these labels, separated by commas; may be repeated; all are replaced',
      collectPair('--label-path'),
    )
    .option('--timeout <time>', 'ends a run after so long: 90s, 15m, 2h', parseSeconds('--timeout'))
    .option('--max-steps <number>', 'ends a run after so many model calls', parseWhole('--max-steps', 1, 1_000_000))
    .option('--concurrency <number>', 'runs at once', parseWhole('--concurrency', 1, 1_000_000))
    .option('--visibility <who>', `who sees it: ${visibilities.join(', ')}`, parseWord('--visibility', visibilities))
    .option('--json', "print the server's answer")
}

/** The options as the properties of a request. An option that was not given is undefined, and so not sent. */
export async function agentFieldsOf(options: AgentOptions): Promise<Sendable<Omit<UpdateAgent, 'name'>>> {
  const { description, tool, capability, labelPath, timeout, maxSteps, concurrency, visibility } = options
  return {
    description,
    instructions: nullIfEmpty(await instructionsOf(options)),
    model: nullIfEmpty(options.model),
    provider: nullIfEmpty(options.provider),
    tools: tool && [...tool],
    capabilities: capability && [...capability],
    policy: nullIfEmpty(options.policy),
    path_labels: labelPath && pathLabelsOf(labelPath),
    timeout_seconds: timeout,
    max_steps: maxSteps,
    concurrency,
    visibility,
  }
}

/** An empty text clears a property. */
function nullIfEmpty(text: string | undefined): string | null | undefined {
  return text === '' ? null : text
}

/** A path without labels takes the rules away: `--label-path '*='` leaves none. */
function pathLabelsOf(given: Readonly<Record<string, string>>): { path: string; labels: string[] }[] {
  const rules = Object.entries(given).map(([path, words]) => ({ path, labels: collectWords(words) }))
  return rules.filter(({ labels }) => labels.length > 0)
}

async function instructionsOf({ instructions, instructionsFile }: AgentOptions): Promise<string | undefined> {
  if (instructionsFile === undefined) return instructions
  if (instructions !== undefined) throw new UsageError('Give --instructions or --instructions-file, not both.')
  return readFile(instructionsFile, 'utf8')
}
