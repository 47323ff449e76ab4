import type { RunningServer } from '../contenders/contender.ts'
import { withConnection } from '../load/clients.ts'
import { FrameReader } from '../load/frame-reader.ts'
import type { HttpConnection } from '../load/http-connection.ts'
import { submitBytes } from '../load/requests.ts'
import { writtenBytes } from '../process-stats.ts'
import { median } from '../statistics.ts'
import type { Measure } from './measure.ts'

/** Steps are looked at in windows, since one is too short to be timed and the database writes back in batches. */
const windowSteps = 20
const early = 2
/** A run has 200 steps by default. */
const stepsMax = 200
const late = stepsMax - windowSteps

/** A long task of like steps (each reads the same small file): what a step costs at its beginning and near step 200. */
export const stepCost: Measure = {
  name: 'step-cost',
  contenders: ['mandate'],
  roundsMax: 3,
  metrics: [
    {
      key: 'step.first.time',
      label: `A step, at steps ${early} to ${early + windowSteps - 1}: time`,
      unit: 'ms',
      digits: 2,
    },
    {
      key: 'step.late.time',
      label: `A step, at steps ${late} to ${late + windowSteps - 1}: time`,
      unit: 'ms',
      digits: 2,
    },
    { key: 'step.time.ratio', label: 'Step time, late / early', unit: '×', digits: 2 },
    {
      key: 'step.first.bytes',
      label: `A step, at steps ${early} to ${early + windowSteps - 1}: written to disk`,
      unit: 'KiB',
      digits: 1,
    },
    {
      key: 'step.late.bytes',
      label: `A step, at steps ${late} to ${late + windowSteps - 1}: written to disk`,
      unit: 'KiB',
      digits: 1,
    },
    { key: 'step.bytes.ratio', label: 'Bytes of a step, late / early', unit: '×', digits: 2 },
  ],
  async run({ server: started, quick }) {
    const server = await started()
    const samples = await withConnection(server, async (connection) => {
      const found: StepSample[] = []
      for (let i = 0; i < (quick ? 2 : 20); i += 1) found.push(await watchTask(connection, server))
      return found
    })
    const time = (of: 'early' | 'late') => median(samples.map((sample) => sample[of].ms))
    // The mean: writing back falls into any window alike, and a median would leave it out.
    const kib = (of: 'early' | 'late') =>
      samples.reduce((sum, sample) => sum + sample[of].bytes, 0) / samples.length / 1024
    return {
      'step.first.time': time('early'),
      'step.late.time': time('late'),
      'step.time.ratio': time('late') / time('early'),
      'step.first.bytes': kib('early'),
      'step.late.bytes': kib('late'),
      'step.bytes.ratio': kib('late') / kib('early'),
    }
  },
}

interface Mark {
  readonly at: number
  readonly written: number
}

interface StepSample {
  readonly early: { ms: number; bytes: number }
  readonly late: { ms: number; bytes: number }
}

/** Per step, between the starts of two steps. */
function between(from: Mark | undefined, to: Mark | undefined): { ms: number; bytes: number } {
  if (from === undefined || to === undefined) throw new Error('the task had fewer steps than it was asked for')
  return { ms: (to.at - from.at) / windowSteps, bytes: (to.written - from.written) / windowSteps }
}

async function watchTask(connection: HttpConnection, server: RunningServer): Promise<StepSample> {
  const reads = Array.from({ length: stepsMax - 2 }, () => 'read a.txt')
  const input = ['write hello to a.txt', ...reads].join(' then ')
  const bytes = submitBytes(server, { input, max_steps: stepsMax }, 'Accept: text/event-stream')
  const marks = new Map<number, Mark>()
  let step = 0
  let last = ''
  const reader = new FrameReader((frame) => {
    last = frame.toString()
    if (!last.includes('event: step.started')) return
    step += 1
    if ([early, early + windowSteps, late, late + windowSteps].includes(step))
      marks.set(step, { at: performance.now(), written: server.pids.reduce((sum, pid) => sum + writtenBytes(pid), 0) })
  })
  const status = await connection.stream(bytes, (part) => reader.push(part))
  if (status >= 300 || !last.includes('event: run.succeeded'))
    throw new Error(`a long task ended with ${status}: ${last.slice(0, 500)}`)
  return {
    early: between(marks.get(early), marks.get(early + windowSteps)),
    late: between(marks.get(late), marks.get(late + windowSteps)),
  }
}
