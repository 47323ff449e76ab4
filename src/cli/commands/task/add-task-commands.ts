import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addTaskMessage } from './add-message.ts'
import { addTaskAudit } from './export-audit.ts'
import { addTaskFetch } from './fetch-files.ts'
import { addTaskHold, addTaskPurge } from './keep-task.ts'
import { addTaskEvents } from './list-events.ts'
import { addTaskFiles } from './list-files.ts'
import { addTaskList } from './list-tasks.ts'
import { addTaskMoves } from './move-task.ts'
import { addTaskBudget } from './show-budget.ts'
import { addTaskShow } from './show-task.ts'
import { addTaskWatch } from './watch-existing-task.ts'

/** Adds the group `mandate task`. Its commands are added in the order in which `--help` names them. */
export function addTaskCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('task')
    .summary('look at tasks and steer them')
    .description('Look at tasks and steer them.')
  addTaskList(group, invocation)
  addTaskShow(group, invocation)
  addTaskWatch(group, invocation)
  addTaskEvents(group, invocation)
  addTaskMessage(group, invocation)
  addTaskMoves(group, invocation)
  addTaskFiles(group, invocation)
  addTaskFetch(group, invocation)
  addTaskBudget(group, invocation)
  addTaskAudit(group, invocation)
  addTaskHold(group, invocation)
  addTaskPurge(group, invocation)
}
