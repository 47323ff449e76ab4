import type { LedgerMove } from '../../../domain/budget.ts'
import type { Run } from '../../../domain/task.ts'
import type { Write } from '../../commit.ts'
import type { Parameter } from '../columns.ts'
import { placeValues, type ValuesOf } from '../named-sql.ts'
import type { Call, EncodedRow } from '../writer/encoded-commit.ts'
import { type WriteName, writeSql } from '../writer/writer-sql.ts'

/** The writes of one commit to one task, gathered so that the task's row is written once. */
export interface TaskParts {
  readonly id: string
  insert: Extract<Write, { kind: 'insert_task' }> | undefined
  /** The runs whose state the task's row may have to show. */
  readonly shows: { run: Run; isNew: boolean }[]
  readonly moves: LedgerMove[]
  readonly runs: EncodedRow[]
  readonly events: string[]
  readonly contents: Parameter[][]
  updatedAt: number
}

/** The target that the writes of a commit are encoded into. */
export interface CommitParts {
  readonly tasks: ReadonlyMap<string, TaskParts>
  readonly calls: Call<WriteName>[]
  /** The parts of one task. They are created empty at the first call. */
  task(id: string): TaskParts
  call<Name extends WriteName>(name: Name, values: ValuesOf<(typeof writeSql)[Name]>): void
}

/** A function for each kind of write, which adds it to the parts of the commit. */
export type WriteEncoders = {
  readonly [Kind in Write['kind']]: (write: Extract<Write, { kind: Kind }>, parts: CommitParts) => void
}

/** Empty parts for one commit. */
export function createCommitParts(): CommitParts {
  const tasks = new Map<string, TaskParts>()
  const calls: Call<WriteName>[] = []
  return {
    tasks,
    calls,
    task(id) {
      const known = tasks.get(id)
      if (known !== undefined) return known
      const task = emptyParts(id)
      tasks.set(id, task)
      return task
    },
    call(name, values) {
      calls.push([name, ...placeValues<string>(writeSql[name], values)])
    },
  }
}

function emptyParts(id: string): TaskParts {
  return { id, insert: undefined, shows: [], moves: [], runs: [], events: [], contents: [], updatedAt: 0 }
}
