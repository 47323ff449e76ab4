/** What of the server's platform does not work at the moment, in words for the operator. Health and the log say so. */
export interface PlatformFaults {
  /** Something is waiting because of this fault; call what is returned when it waits no more. */
  report(problem: string): () => void
}
