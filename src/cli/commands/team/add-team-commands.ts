import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addTeamCreate } from './create-team.ts'
import { addTeamList } from './list-teams.ts'

export function addTeamCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('team')
    .summary('make teams and look at them')
    .description('Make teams and look at them.')
  addTeamCreate(group, invocation)
  addTeamList(group, invocation)
}
