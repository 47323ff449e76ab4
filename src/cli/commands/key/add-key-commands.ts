import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addKeyCreate } from './create-key.ts'
import { addKeyList } from './list-keys.ts'
import { addListSigning } from './list-signing-keys.ts'
import { addKeyRevoke } from './revoke-key.ts'
import { addRotateSigning } from './rotate-signing-key.ts'

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
