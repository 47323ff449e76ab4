import type { CallAmounts } from '../domain/event.ts'

/** What the budget holds for one try of a model call. */
export interface CallReservation {
  readonly step: number
  /** 1 for the first try of the step. */
  readonly tryNumber: number
  readonly reserved: CallAmounts
}

/** The reservation is on disk and the call was not sent. */
export interface UnsentCall extends CallReservation {
  readonly phase: 'reserved'
  readonly outputTokensMax: number
}

/** The provider has the call and answers. */
export interface SentCall extends CallReservation {
  readonly phase: 'sent'
  /** Bytes of UTF-8 that the provider was given. */
  readonly inputBytes: number
  readonly streamed: StreamedSoFar
}

/** The process that reserved for the call has ended, and nobody knows whether it was sent and what it would have said. */
export interface LostCall extends CallReservation {
  readonly phase: 'lost'
}

/** A model call from its reservation to its end: at most one of a run at any time. */
export type ReservedCall = UnsentCall | SentCall | LostCall

/** What a provider has answered so far. */
export interface StreamedSoFar {
  readonly text: string
  readonly reasoning: string
  /** Of UTF-8, both together. */
  readonly bytes: number
}
