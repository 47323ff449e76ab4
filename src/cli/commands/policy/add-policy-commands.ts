import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addPolicyList } from './list-policies.ts'
import { addPolicyAdd, addPolicyCheck } from './policy-files.ts'
import { addPolicyShow } from './show-policy.ts'
import { addPolicyWhatIf } from './what-if.ts'

/** Adds the group `mandate policy`. Its commands are added in the order in which `--help` names them. */
export function addPolicyCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('policy')
    .summary('what tasks are bounded by')
    .description('Look at policies, check them and add them.')
  addPolicyList(group, invocation)
  addPolicyShow(group, invocation)
  addPolicyCheck(group, invocation)
  addPolicyAdd(group, invocation)
  addPolicyWhatIf(group, invocation)
}
