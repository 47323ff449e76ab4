import type { Contender, ContenderName, RunningServer } from '../contenders/contender.ts'

/** One line of the table. */
export interface Metric {
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly digits: number
}

/** What one round found, by the metric's key. */
export type Readings = Readonly<Record<string, number>>

export interface Round {
  readonly contender: Contender
  /** Small counts: only to see that it runs. */
  readonly quick: boolean
  /** An empty folder of this round's own, on the file system that is measured. */
  readonly folder: string
  /** The contender's long-lived, warmed-up server: started when first asked for. */
  readonly server: () => Promise<RunningServer>
}

/** One measurement. Its rounds are interleaved over the contenders; the table shows medians over the rounds. */
export interface Measure {
  readonly name: string
  readonly contenders: readonly ContenderName[]
  readonly metrics: readonly Metric[]
  /** At most so many rounds, where one costs much and says enough. */
  readonly roundsMax?: number
  run(round: Round): Promise<Readings>
}
