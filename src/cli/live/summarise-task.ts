import type { FileView } from '../../api/native/contract/file.ts'
import type { TaskView } from '../../api/native/contract/task.ts'
import type { UsageView } from '../../api/native/contract/usage.ts'
import { sealedPlaceholder } from '../../domain/content.ts'
import type { RunState } from '../../domain/run-state.ts'
import { formatBytes, formatCost, formatCount, formatDuration, formatPlural } from '../format/format-amount.ts'
import { oneLine, printable } from '../format/printable.ts'
import type { Paint, Tone } from '../terminal.ts'

/** The tone of each state, the same in lists, summaries and live views. */
export const stateTones: Readonly<Record<RunState, Tone>> = {
  queued: 'quiet',
  running: 'plain',
  waiting: 'warning',
  paused: 'warning',
  succeeded: 'good',
  failed: 'bad',
  blocked: 'bad',
  cancelled: 'warning',
}

interface Summary {
  readonly task: TaskView
  readonly files: readonly FileView[]
  /** A text that was shown in full already. A result that equals it is not repeated. */
  readonly shownText: string | undefined
  /** How the files get here; undefined when they are brought anyway. */
  readonly filesHint: string | undefined
  readonly paint: Paint
}

/** How a task ended: the result where it was not shown yet, why it failed, what it took, what it wrote. */
export function summariseTask({ task, files, shownText, filesHint, paint }: Summary): string[] {
  return [...resultLines(task, shownText), '', ...endLines(task, paint), ...fileLines(files, filesHint)]
}

function resultLines(task: TaskView, shownText: string | undefined): string[] {
  const result = task.result_sealed ? sealedPlaceholder : task.result
  return result === null || result === shownText ? [] : [printable(result)]
}

function endLines(task: TaskView, paint: Paint): string[] {
  const state = paint(stateTones[task.state], task.state)
  const measures = paint('quiet', measuresOf(task))
  const { error } = task
  return error === null ? [`${state}  ${measures}`] : [`${state}: ${oneLine(error.message)} (${error.code})`, measures]
}

/** `3 steps · 120 tokens in, 14 out · $0.00 · 1.2 s` */
export function measuresOf({ run, usage, cost_micros_usd }: TaskView): string {
  const parts = [formatPlural(run.steps, 'step'), formatUsage(usage), formatCost(cost_micros_usd)]
  if (run.ended_at !== null) parts.push(formatDuration(Date.parse(run.ended_at) - Date.parse(run.queued_at)))
  return parts.join(' · ')
}

function formatUsage({ input_tokens, output_tokens }: UsageView): string {
  return `${formatCount(input_tokens)} tokens in, ${formatCount(output_tokens)} out`
}

const filesShownMax = 10

function fileLines(files: readonly FileView[], hint: string | undefined): string[] {
  if (files.length === 0 || hint === undefined) return []
  const shown = files.slice(0, filesShownMax).map(({ path, bytes }) => `  ${oneLine(path)} (${formatBytes(bytes)})`)
  const more = files.length > shown.length ? [`  and ${files.length - shown.length} more`] : []
  return ['', `files in its workspace (${hint}):`, ...shown, ...more]
}
