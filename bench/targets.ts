import type { ContenderName } from './contenders/contender.ts'

/** The median of a metric for a contender; undefined where it was not measured. */
export type Medians = (key: string, contender: ContenderName) => number | undefined

export interface Verdict {
  readonly metric: string
  readonly wanted: string
  readonly reached: string
  readonly met: boolean
}

interface Target {
  readonly metric: string
  /** The number that decides and the bound it is held against; undefined when something it needs was not measured. */
  readonly judge: (
    medians: Medians,
    fsyncMs: number,
  ) => { wanted: string; value: number; bound: number; unit: string } | undefined
  readonly atLeast?: true
}

const ratio = (metric: string, peer: ContenderName, bound: number, atLeast?: true): Target => ({
  metric,
  ...(atLeast && { atLeast }),
  judge(medians) {
    const [own, other] = [medians(metric, 'mandate'), medians(metric, peer)]
    if (own === undefined || other === undefined) return undefined
    return { wanted: `${atLeast ? '≥' : '≤'} ${bound} × ${peer}`, value: own / other, bound, unit: '×' }
  },
})

const absolute = (metric: string, bound: number, unit: string): Target => ({
  metric,
  judge(medians) {
    const own = medians(metric, 'mandate')
    return own === undefined ? undefined : { wanted: `≤ ${bound} ${unit}`, value: own, bound, unit }
  },
})

const flat = (metric: string): Target => ({ ...absolute(metric, 1.3, '×') })

/** At most `factor` times what the control needs, and `plusMs` milliseconds more. */
const aboveControl = (metric: string, wanted: string, bound: (control: number, fsyncMs: number) => number): Target => ({
  metric,
  judge(medians, fsyncMs) {
    const [own, peer] = [medians(metric, 'mandate'), medians(metric, 'control')]
    if (own === undefined || peer === undefined) return undefined
    const limit = bound(peer, fsyncMs)
    return { wanted: `≤ ${wanted} = ${limit.toFixed(2)} ms`, value: own, bound: limit, unit: 'ms' }
  },
})

/** What has to be reached, in one run with fsync before every acknowledgement. */
const targets: readonly Target[] = [
  aboveControl('ack.alone.p50', 'control + 1.5 fsync + 0.5 ms', (control, fsyncMs) => control + 1.5 * fsyncMs + 0.5),
  ratio('tasks.rate', 'bullmq', 2.5, true),
  ratio('tasks.rate', 'control', 0.2, true),
  ratio('tasks.rate', 'control', 0.3, true),
  absolute('tasks.cpu', 0.4, 'ms'),
  ...['xagent', 'certior', 'neo', 'agentrix', 'shinzo'].map((name) => absolute(`dialect.${name}.ratio`, 1.15, '×')),
  ratio('stream.many.rate', 'control', 0.6, true),
  aboveControl('start.new', '1.5 × control + 300 ms', (control) => 1.5 * control + 300),
  aboveControl('start.again', '1.5 × control + 300 ms', (control) => 1.5 * control + 300),
  absolute('restart.done', 3000, 'ms'),
  flat('claim.ratio'),
  flat('step.bytes.ratio'),
  flat('step.time.ratio'),
  absolute('delay.p99', 10, 'ms'),
  absolute('guard.p50', 1, 'ms'),
  absolute('guard.p99', 3, 'ms'),
]

/** Holds what was measured against the targets; leaves out what was not measured. */
export function judgeTargets(medians: Medians, fsyncMs: number): Verdict[] {
  return targets.flatMap((target) => {
    const judged = target.judge(medians, fsyncMs)
    if (judged === undefined) return []
    const { wanted, value, bound, unit } = judged
    const met = target.atLeast ? value >= bound : value <= bound
    return [{ metric: target.metric, wanted, reached: `${value.toFixed(2)} ${unit}`, met }]
  })
}
