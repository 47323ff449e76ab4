/** To a worker: call this export of this module. A worker has one job at a time. */
export interface JobMessage {
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

/** From a worker: its module is loaded and the job begins, or how the job has ended. */
export type WorkerMessage =
  | { readonly kind: 'begun' }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
