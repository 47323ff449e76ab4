/** Writes a task's id as Shinzo shows it: `tsk_` and its 32 hex digits. */
export function shownTaskId(taskId: string): string {
  return `tsk_${taskId.replaceAll('-', '')}`
}

/** Reads the id of a task in a path, as `tsk_…` or as a UUID. It is undefined for text that is neither. */
export function taskIdOf(shown: string): string | undefined {
  return uuidOf('tsk_', shown)
}

/** Reads the id of an agent in a path, as a UUID or as `agt_…`. It is undefined for text that is neither. */
export function agentIdOf(shown: string): string | undefined {
  return uuidOf('agt_', shown)
}

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/u

function uuidOf(start: string, shown: string): string | undefined {
  const digits = shown.startsWith(start) ? shown.slice(start.length) : shown
  return uuid.exec(digits.toLowerCase())?.slice(1).join('-')
}
