/** A task's id as Shinzo shows it: `tsk_` and its 32 hex digits. */
export function shownTaskId(taskId: string): string {
  return `tsk_${taskId.replaceAll('-', '')}`
}

/** The task that an id in a path names, by `tsk_…` or as a UUID; undefined for text that is neither. */
export function taskIdOf(shown: string): string | undefined {
  return uuidOf('tsk_', shown)
}

/** The agent that an id in a path names, as a UUID or by `agt_…`; undefined for text that is neither. */
export function agentIdOf(shown: string): string | undefined {
  return uuidOf('agt_', shown)
}

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/u

function uuidOf(start: string, shown: string): string | undefined {
  const digits = shown.startsWith(start) ? shown.slice(start.length) : shown
  return uuid.exec(digits.toLowerCase())?.slice(1).join('-')
}
