const nobodys = '00000000-0000-0000-0000-000000000000'

/** A task's id as Shinzo shows it: `tsk_` and its 32 hex digits. */
export function shownTaskId(taskId: string): string {
  return `tsk_${taskId.replaceAll('-', '')}`
}

/** The task that an id in a path names, by `tsk_…` or as a UUID. Text that is neither names one that never is: it is looked for and not found. */
export function taskIdOf(shown: string): string {
  return uuidOf('tsk_', shown)
}

/** The agent that an id in a path names, as a UUID or by `agt_…`. */
export function agentIdOf(shown: string): string {
  return uuidOf('agt_', shown)
}

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/u

function uuidOf(start: string, shown: string): string {
  const digits = shown.startsWith(start) ? shown.slice(start.length) : shown
  return uuid.exec(digits.toLowerCase())?.slice(1).join('-') ?? nobodys
}
