import type { Command } from 'commander'
import type { EventView } from '../../../api/native/contract/event.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { describeEvent } from '../../live/describe-event.ts'
import { parseWhole } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'

interface ListEventsOptions extends ConnectionOptions {
  readonly after?: number
  readonly follow?: boolean
  readonly json?: boolean
}

/** Adds `task events`. It reads the whole journal page by page; with `--follow` it reconnects and ends with the run. */
export function addTaskEvents(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('events')
    .summary('the journal of a task')
    .description('Prints the journal of a task, one line per event.')
    .argument('<task>', 'its number or id')
    .option('--after <seq>', 'only later events', parseWhole('--after', 0, Number.MAX_SAFE_INTEGER))
    .option('-f, --follow', 'go on until the task ends')
    .option('--json', 'print each event as a line of JSON')
    .action((id: string, options: ListEventsOptions) =>
      withClient(invocation, options, (context) => listEvents(context, id, options)),
    )
  addConnectionOptions(command)
}

async function listEvents({ client, terminal, paint }: CommandContext, id: string, options: ListEventsOptions) {
  const after = options.after ?? 0
  const events = options.follow ? client.followJournal(id, { after }) : pages(client, id, after)
  for await (const event of events) {
    if (options.json) {
      terminal.out(`${JSON.stringify(event)}\n`)
      continue
    }
    const start = `${String(event.seq).padStart(4)}  ${event.at.slice(11, 23)}  `
    const type = event.type.padEnd(16)
    const said = describeEvent(event, Math.max(20, terminal.columns - start.length - type.length - 2))
    terminal.out(`${`${paint('quiet', start)}${paint('heading', type)}  ${said}`.trimEnd()}\n`)
  }
}

async function* pages(client: CommandContext['client'], id: string, after: number): AsyncGenerator<EventView> {
  for (let seen = after; ; ) {
    const page = await client.listEvents(id, { after: seen })
    yield* page.events
    const last = page.events.at(-1)
    if (last === undefined || !page.has_more) return
    seen = last.seq
  }
}
