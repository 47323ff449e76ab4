import type { Command } from 'commander'
import type { PromptView } from '../../../api/native/contract/prompt.ts'
import { waitFor } from '../../../client/reconnect-rule.ts'
import { type PromptKind, promptKinds } from '../../../domain/prompt.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { formatAge, formatDuration } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../lists.ts'
import { parseWord } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { describePrompt, howToAnswer, titleOfPrompt } from '../../prompt/describe-prompt.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface InboxOptions extends ConnectionOptions, ListOptions {
  readonly kind?: PromptKind
  readonly watch?: boolean
}

/** Adds `mandate inbox`. It lists what the caller may answer; with `--watch` it shows each prompt as it comes, until Ctrl-C. */
export function addInbox(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('inbox')
    .summary('what agents ask you')
    .description('Lists what agents ask and you may answer, newest first.')
    .option('--kind <kind>', `only these: ${promptKinds.join(', ')}`, parseWord('--kind', promptKinds))
    .option('-w, --watch', 'show what is open and then each prompt as it comes, until Ctrl-C')
    .action((options: InboxOptions) =>
      withClient(invocation, options, (context) =>
        options.watch ? watchInbox(context, invocation.environment, options) : listInbox(context, options),
      ),
    )
  addConnectionOptions(addListOptions(command))
}

async function listInbox({ client, terminal, now, paint }: CommandContext, options: InboxOptions): Promise<undefined> {
  const page = await client.listPrompts({ ...listQueryOf(options), kind: options.kind })
  if (options.json) writeJson(terminal, page)
  else if (page.prompts.length > 0) writeLines(terminal, formatTable(columns(now()), page.prompts, terminal))
  else if (page.next_cursor === null) terminal.out('Nothing is asked.\n')
  if (!options.json) printMore(terminal, paint, page.next_cursor)
}

const columns = (now: number): Column<PromptView>[] => [
  { title: 'task', cell: ({ task }) => String(task.number), align: 'right' },
  { title: 'kind', cell: ({ kind }) => kind, optional: true },
  { title: 'asked', cell: titleOfPrompt, charsMax: 60, shrinksTo: 12 },
  { title: 'opened', cell: ({ opened_at }) => formatAge(now - Date.parse(opened_at)), optional: true },
  { title: 'expires', cell: (prompt) => expiryOf(prompt, now) ?? '', optional: true },
  { title: 'prompt', cell: ({ id }) => id },
]

function expiryOf({ expires_at }: PromptView, now: number): string | undefined {
  return expires_at === null ? undefined : `in ${formatDuration(Date.parse(expires_at) - now)}`
}

/** The seconds of one long poll, and the milliseconds between two looks where something is open already. */
const pollSeconds = 30
const lookAgainMs = 2_000

/** An empty inbox is polled by one long request; one that holds something answers at once, and is looked at again after a while. */
async function watchInbox(
  context: CommandContext,
  { onInterrupt, wait = waitFor }: Pick<CliEnvironment, 'onInterrupt' | 'wait'>,
  options: InboxOptions,
): Promise<number> {
  const abort = new AbortController()
  const unlisten = onInterrupt(() => abort.abort())
  const { kind, limit } = options
  const shown = new Set<string>()
  try {
    while (!abort.signal.aborted) {
      const { prompts } = await context.client.listPrompts({ kind, limit, wait: pollSeconds }, abort.signal)
      for (const prompt of prompts.toReversed()) {
        if (!shown.has(prompt.id)) showPrompt(context, prompt, options)
        shown.add(prompt.id)
      }
      if (prompts.length > 0) await wait(lookAgainMs, abort.signal)
    }
    return exitCodes.interrupted
  } catch (error) {
    if (abort.signal.aborted) return exitCodes.interrupted
    throw error
  } finally {
    unlisten()
  }
}

function showPrompt(
  { terminal, paint, program, now }: CommandContext,
  prompt: PromptView,
  { json }: InboxOptions,
): void {
  if (json) {
    terminal.out(`${JSON.stringify(prompt)}\n`)
    return
  }
  const { id, kind, task } = prompt
  const expires = expiryOf(prompt, now())
  const about = [kind, ...(expires === undefined ? [] : [`expires ${expires}`])].join(' · ')
  terminal.out(`${paint('heading', `task ${task.number}`)} ${paint('quiet', about)}\n`)
  writeLines(terminal, describePrompt(prompt))
  terminal.out(`${paint('quiet', `${program} answer ${id} ${howToAnswer(prompt)}`)}\n\n`)
}
