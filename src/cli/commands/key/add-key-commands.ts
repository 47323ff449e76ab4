import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addKeyCreate } from './create-key.ts'
import { addKeyList } from './list-keys.ts'
import { addKeyRevoke } from './revoke-key.ts'

export function addKeyCommands(parent: Command, invocation: Invocation): void {
  const group = parent.command('key').summary('make and revoke keys').description('Make and revoke keys.')
  addKeyCreate(group, invocation)
  addKeyList(group, invocation)
  addKeyRevoke(group, invocation)
}
