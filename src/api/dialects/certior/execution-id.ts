const form = /^exec_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/u

/** A task's id as Certior shows it: `exec_` and its 32 hex digits. */
export function executionIdOf(taskId: string): string {
  return `exec_${taskId.replaceAll('-', '')}`
}

/** The task that an execution's id names; undefined for text that is no such id. */
export function taskIdOf(executionId: string): string | undefined {
  return form.exec(executionId)?.slice(1).join('-')
}
