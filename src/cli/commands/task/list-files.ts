import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { formatBytes } from '../../format/format-amount.ts'
import { formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListFilesOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `task files`. It prints path, size and digest of each file in the workspace. */
export function addTaskFiles(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('files')
    .summary("the files in a task's workspace")
    .description("Lists the files in a task's workspace: what it was given and what it wrote.")
    .argument('<task>', 'its number or id')
    .option('--json', "print the server's answer")
    .action((id: string, options: ListFilesOptions) =>
      withClient(invocation, options, (context) => listFiles(context, id, options)),
    )
  addConnectionOptions(command)
}

async function listFiles({ client, terminal }: CommandContext, id: string, options: ListFilesOptions) {
  const list = await client.listFiles(id)
  if (options.json) return writeJson(terminal, list)
  if (list.files.length === 0) return terminal.out('This task has no files.\n')
  const lines = formatTable(
    [
      { title: 'path', cell: ({ path }) => path },
      { title: 'size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
      { title: 'sha-256', cell: ({ digest }) => digest.replace('sha256:', '').slice(0, 12) },
    ],
    list.files,
    terminal,
  )
  writeLines(terminal, lines)
}
