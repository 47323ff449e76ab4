import type { Capability } from '../../domain/capability.ts'
import type { Digest } from '../../domain/content.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { PathLabels } from '../../domain/task.ts'

/**
 * The facts that a sub-task takes from its parent: it stands below the same root, and begins with the parent's present files.
 */
export interface ParentTask {
  readonly id: string
  readonly rootId: string
  /** The parent's latest run: cancelling it ends its sub-tasks, and none is taken after that. */
  readonly runId: string
  readonly manifest: Digest | null
  /** The capabilities of the parent's run, which no sub-task may exceed. */
  readonly capabilities: readonly Capability[]
  readonly policy: string
  /** The path rules of the parent's run. They label the files for sub-tasks too, whatever their agents say. */
  readonly pathLabels: readonly PathLabels[]
  readonly snapshot: TaskSnapshot
}

/** Reads the facts for a sub-task from the parent's snapshot. */
export function parentOf(snapshot: TaskSnapshot): ParentTask {
  const { task, run } = snapshot
  const { capabilities, policy, pathLabels } = run.config
  const { id, rootId, runId, manifest } = task
  return { id, rootId, runId, manifest, capabilities, policy: policy.name, pathLabels, snapshot }
}
