import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Verification } from '../../../proof/package/verify-package.ts'
import { exitCodes } from '../../exit-codes.ts'
import { formatFields } from '../../format/format-table.ts'
import { printable } from '../../format/printable.ts'
import { collectWord } from '../../parse-options.ts'
import type { Invocation } from '../../program.ts'
import { createPaint, writeJson, writeLines } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { readPins } from './read-pins.ts'
import { summaryFields } from './summary-fields.ts'

interface VerifyOptions {
  readonly key?: readonly string[]
  readonly json?: boolean
}

/**
 * Adds `mandate verify`. It uses the package and the given keys alone. Exit code 0: valid; 6: consistent, but the
 * signer is unknown; 1: invalid.
 */
export function addVerify(parent: Command, invocation: Invocation): void {
  parent
    .command('verify')
    .summary('check the record of a task, without any server')
    .description(
      'Checks an audit package with nothing but itself and the keys that you know to be the server’s: signatures, digests, the ' +
        'journal, the log, each decision again, the budget. Asks no server.',
    )
    .argument('<package>', 'the file that "task audit" wrote')
    .option(
      '--key <key>',
      "a key that you know: its id, its public key in base64, or a file of the server's /.well-known/mandate-keys.json; may be repeated",
      collectWord,
    )
    .option('--json', 'print the verdict and the summary as JSON')
    .addHelpText('after', verdicts)
    .action(async (file: string, options: VerifyOptions) => {
      invocation.exitCode = await verify(invocation, file, options)
    })
}

const verdicts = `
Ends with 0 for "valid", 6 for "consistent, signer unknown" (no key was given), 1 for "invalid": the first link that does not hold.`

async function verify({ environment, offline }: Invocation, file: string, options: VerifyOptions): Promise<number> {
  const { terminal } = environment
  const pinned = await readPins(options.key ?? [])
  const verification = await offline.verify({ package: await read(file), pinned })
  if (options.json) {
    writeJson(terminal, verification)
    return exitCodeOf(verification)
  }
  const paint = createPaint(terminal.coloured)
  if (verification.verdict === 'invalid') {
    terminal.out(`${paint('bad', 'invalid')}  ${printable(verification.problem)}\n`)
    return exitCodes.failed
  }
  const valid = verification.verdict === 'valid'
  terminal.out(`${valid ? paint('good', 'valid') : paint('warning', 'consistent, signer unknown')}\n`)
  writeLines(terminal, formatFields(summaryFields(verification.summary)))
  if (!valid) terminal.err('Anybody could have made it: give a key that you know to be the server’s by --key.\n')
  return exitCodeOf(verification)
}

function exitCodeOf({ verdict }: Verification): number {
  if (verdict === 'valid') return exitCodes.succeeded
  return verdict === 'consistent' ? exitCodes.signerUnknown : exitCodes.failed
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new UsageError(`${file}: there is no such file.`)
    throw error
  }
}
