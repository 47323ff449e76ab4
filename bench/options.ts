import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** Small counts: shows that everything runs; its numbers say nothing. */
  readonly quick: boolean
  /** Names of measures; empty for all. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Where data folders are made: its file system is what is measured. */
  readonly folder: string
  /** Where the long-lived servers write CPU profiles when they end; undefined for none. Profiling slows them down. */
  readonly profile: string | undefined
}

export const usage = `node bench/run.ts [--quick] [--only name,name] [--rounds N] [--folder path] [--profile path] [--list]`

/** Reads the command line; throws with a sentence for people. */
export function readOptions(args: readonly string[]): Options & { readonly list: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      profile: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) throw new Error('--rounds takes a number from 1 to 99.')
  const only = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '')
  return { quick: values.quick, list: values.list, only, rounds, folder: values.folder, profile: values.profile }
}
