const form = /^exec_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/u
const nobodys = '00000000-0000-0000-0000-000000000000'

/** A task's id as Certior shows it: `exec_` and its 32 hex digits. */
export function executionIdOf(taskId: string): string {
  return `exec_${taskId.replaceAll('-', '')}`
}

/** The task that an execution's id names. Text that is no such id names one that never is: it is looked for and not found. */
export function taskIdOf(executionId: string): string {
  return form.exec(executionId)?.slice(1).join('-') ?? nobodys
}
