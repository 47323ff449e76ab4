import type { Capability } from '../../domain/capability.ts'
import type { Digest } from '../../domain/content.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { PathLabels } from '../../domain/task.ts'

/** What a sub-task has of its parent: it stands below the same root, and begins with the files as they are there now. */
export interface ParentTask {
  readonly id: string
  readonly rootId: string
  /** The parent's latest run: cancelling it ends its sub-tasks, and none is taken after that. */
  readonly runId: string
  readonly manifest: Digest | null
  /** No sub-task may do more than the run that has it done. */
  readonly capabilities: readonly Capability[]
  readonly policy: string
  /** Its files are labelled for its sub-tasks too, whatever their agents say. */
  readonly pathLabels: readonly PathLabels[]
  readonly snapshot: TaskSnapshot
}

export function parentOf(snapshot: TaskSnapshot): ParentTask {
  const { task, run } = snapshot
  const { capabilities, policy, pathLabels } = run.config
  const { id, rootId, runId, manifest } = task
  return { id, rootId, runId, manifest, capabilities, policy: policy.name, pathLabels, snapshot }
}
