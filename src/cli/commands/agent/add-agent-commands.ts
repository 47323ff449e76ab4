import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addAgentList } from './list-agents.ts'
import { addAgentDelete, addAgentMoves } from './move-agent.ts'
import { addAgentShow } from './show-agent.ts'
import { addAgentCreate, addAgentUpdate } from './write-agent.ts'

/** Adds the group `mandate agent`. Its commands are added in the order in which `--help` names them. */
export function addAgentCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('agent')
    .summary('make agents and change them')
    .description('Make agents and change them.')
  addAgentList(group, invocation)
  addAgentShow(group, invocation)
  addAgentCreate(group, invocation)
  addAgentUpdate(group, invocation)
  addAgentDelete(group, invocation)
  addAgentMoves(group, invocation)
}
