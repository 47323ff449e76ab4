/** The task's copy of its own endpoint, so that events of tasks without one cost nothing. */
export interface TaskWebhook {
  readonly endpoint: string
  readonly events: readonly string[]
}
