import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addAgentCreate } from './create-agent.ts'
import { addAgentDelete } from './delete-agent.ts'
import { addAgentList } from './list-agents.ts'
import { addAgentMoves } from './move-agent.ts'
import { addAgentShow } from './show-agent.ts'
import { addAgentUpdate } from './update-agent.ts'

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
