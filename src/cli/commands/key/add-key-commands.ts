import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addKeyCreate } from './create-key.ts'
import { addKeyList } from './list-keys.ts'
import { addKeyRevoke } from './revoke-key.ts'
import { addListSigning, addRotateSigning } from './signing-keys.ts'

/** Adds the group `mandate key`: the API keys of callers, and the keys that the server signs with. */
export function addKeyCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('key')
    .alias('keys')
    .summary('make and revoke keys, and the keys that sign')
    .description(
      'Make and revoke the keys of callers; look at the keys that statements are signed with, and change them.',
    )
  addKeyCreate(group, invocation)
  addKeyList(group, invocation)
  addKeyRevoke(group, invocation)
  addListSigning(group, invocation)
  addRotateSigning(group, invocation)
}
