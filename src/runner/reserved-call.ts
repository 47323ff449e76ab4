import type { CallAmounts } from '../domain/event.ts'

/** The amounts that the budget holds for one try of a model call. */
export interface CallReservation {
  readonly step: number
  /** 1 for the first try of the step. */
  readonly tryNumber: number
  readonly reserved: CallAmounts
}

/** A call whose reservation is on disk and that was not sent yet. */
export interface UnsentCall extends CallReservation {
  readonly phase: 'reserved'
  readonly outputTokensMax: number
}

/** A call that the provider has and answers. */
export interface SentCall extends CallReservation {
  readonly phase: 'sent'
  /** The bytes of UTF-8 that were sent to the provider. */
  readonly inputBytes: number
  readonly streamed: StreamedSoFar
}

/** A call whose process ended before it did. Nobody knows whether it was sent and what it would have said. */
export interface LostCall extends CallReservation {
  readonly phase: 'lost'
}

/** A model call from its reservation to its end, distinguished by its `phase`. A run has at most one at any time. */
export type ReservedCall = UnsentCall | SentCall | LostCall

/** The text that a provider has streamed so far. */
export interface StreamedSoFar {
  readonly text: string
  readonly reasoning: string
  /** The bytes of UTF-8 of both texts together. */
  readonly bytes: number
}
