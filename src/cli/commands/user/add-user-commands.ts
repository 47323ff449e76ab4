import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addUserCreate } from './create-user.ts'
import { addUserList } from './list-users.ts'

export function addUserCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('user')
    .summary('make users and look at them')
    .description('Make users and look at them.')
  addUserCreate(group, invocation)
  addUserList(group, invocation)
}
