import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { formatBytes } from '../../format/format-amount.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'

interface ExportAuditOptions extends ConnectionOptions {
  readonly output?: string
  readonly contents: boolean
  readonly pdf?: boolean
}

/**
 * Adds `task audit`. It writes the bytes that the server sends without a change, so that the package stays verifiable.
 */
export function addTaskAudit(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('audit')
    .summary('the record of a task as one file that anybody can verify')
    .description(
      'Writes the record of a task as one file: its journal, decisions, signed statements and the proofs for them. Whoever has ' +
        'the file and a public key can check it with "verify".',
    )
    .argument('<task>', 'its number or id')
    .option(
      '-o, --output <file>',
      'where to write it; - is standard output (default: mandate-audit-<id>.json or .pdf, here)',
    )
    .option('--no-contents', 'leave texts, arguments and results out: their digests stay')
    .option('--pdf', 'as a report for people; what can be verified is the file without this')
    .action((id: string, options: ExportAuditOptions) =>
      withClient(invocation, options, (context) => exportAudit(context, id, options)),
    )
  addConnectionOptions(command)
}

async function exportAudit({ client, terminal, program }: CommandContext, id: string, options: ExportAuditOptions) {
  const { contents, pdf } = options
  const bytes = await client.readAudit(id, { ...(!contents && { contents }), ...(pdf && { format: 'pdf' }) })
  if (options.output === '-') return terminal.out(bytes)
  const file = options.output ?? (await defaultName(client, id, pdf ? 'pdf' : 'json'))
  await writeFile(file, bytes)
  const hint = pdf ? '' : `; check it with: ${program} verify ${file}`
  terminal.out(`${file} (${formatBytes(bytes.length)})${hint}\n`)
}

async function defaultName(client: CommandContext['client'], id: string, ending: string): Promise<string> {
  const task = await client.readTask(id)
  return `mandate-audit-${task.id.replaceAll(/[^0-9a-f]/gu, '').slice(0, 8)}.${ending}`
}
