import { type ContenderName, contenderNames } from './contenders/contender.ts'
import type { Measure, Metric } from './measures/measure.ts'
import { median } from './statistics.ts'
import type { Medians, Verdict } from './targets.ts'

/** Every reading of the run, by metric and contender. */
export class Results {
  readonly #samples = new Map<string, number[]>()

  add(key: string, contender: ContenderName, value: number): void {
    const name = `${key} ${contender}`
    this.#samples.set(name, [...(this.#samples.get(name) ?? []), value])
  }

  readonly medianOf: Medians = (key, contender) => {
    const samples = this.#samples.get(`${key} ${contender}`)
    return samples === undefined ? undefined : median(samples)
  }
}

const blank = '–'

/** The table of what was measured: one line a metric, medians over the rounds. */
export function tableOf(measures: readonly Measure[], medians: Medians): string {
  const lines = measures.flatMap((measure) => measure.metrics.map((metric) => lineOf(metric, medians)))
  return [
    '| | control | BullMQ | Mandate | Mandate / control | Mandate / BullMQ |',
    '|---|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n')
}

function lineOf(metric: Metric, medians: Medians): string {
  const values = contenderNames.map((name) => medians(metric.key, name))
  const [control, bullmq, own] = values
  const shown = values.map((value) => (value === undefined ? blank : value.toFixed(metric.digits)))
  const times = (peer: number | undefined) =>
    own === undefined || peer === undefined || peer === 0 ? blank : (own / peer).toFixed(2)
  const unit = metric.unit === '' ? '' : ` (${metric.unit})`
  return `| ${metric.label}${unit} | ${[...shown, times(control), times(bullmq)].join(' | ')} |`
}

/** The table of targets, each with what was reached. */
export function targetsTable(verdicts: readonly Verdict[], measures: readonly Measure[]): string {
  const labels = new Map(labelsOf(measures))
  const lines = verdicts.map(
    ({ metric, wanted, reached, met }) =>
      `| ${labels.get(metric) ?? metric} | ${wanted} | ${reached} | ${met ? 'met' : '**missed**'} |`,
  )
  return ['| target | wanted | reached | |', '|---|---:|---:|---|', ...lines].join('\n')
}

/** Lines that say "the same" only make sense below the one before: here they stand alone, so they take its words. */
function labelsOf(measures: readonly Measure[]): [string, string][] {
  let head = ''
  return measures.flatMap((measure) =>
    measure.metrics.map(({ key, label }): [string, string] => {
      if (!label.startsWith('the same')) head = label.replace(/: [^:]*$/u, '')
      return [key, label.replace(/^the same/u, head)]
    }),
  )
}
