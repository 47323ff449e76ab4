import {
  type Content,
  type Digest,
  purgedPlaceholder,
  readableText,
  sealedPlaceholder,
} from '../../../../domain/content.ts'
import { instantOf, instantOrNull } from '../../../edge/instants.ts'
import type { Step } from '../contract/step.ts'
import type { StepRecord } from './fold-steps.ts'

/** Contents that were read, by their digests. */
export type Contents = ReadonlyMap<Digest, Content>

/** A text of a step, and whether it was truncated. */
export interface CutText {
  readonly text: string
  readonly truncated: boolean
}

/** Truncates a text for its reader. */
export type Cut = (text: string) => CutText

/** Shows a text in full. */
export const whole: Cut = (text) => ({ text, truncated: false })

/** Lists the contents that a step shows. */
export function contentsOfStep({ what }: StepRecord): Digest[] {
  if (what.type === 'thinking') return []
  const digests = what.type === 'message' ? [what.content] : [what.args, what.outcome]
  return digests.filter((digest) => digest !== undefined)
}

/**
 * Shows a step. A call that ended without a result is an error that says so; truncated arguments are shown as an
 * empty object.
 */
export function presentStep(
  { id, status, startedAt, completedAt, what }: StepRecord,
  contents: Contents,
  cut: Cut,
): Step {
  const envelope = {
    id,
    status,
    started_at: instantOf(startedAt),
    completed_at: instantOrNull(completedAt),
  }
  if (what.type === 'thinking') return { ...envelope, type: 'thinking', data: { phase: 'step' } }
  if (what.type === 'message') {
    const { text, truncated } = cut(textOf(contents, what.content))
    const data = { role: what.role, content: text, ...(truncated && { truncated: true as const }) }
    return { ...envelope, type: 'message', data }
  }
  const args = cut(textOf(contents, what.args))
  const outcome = what.outcome === undefined ? undefined : cut(textOf(contents, what.outcome))
  const data = {
    name: what.name,
    args: args.truncated ? {} : argumentsOf(contents, what.args),
    ...(outcome !== undefined && (status === 'failed' ? { error: outcome.text } : { result: outcome.text })),
    ...(status === 'failed' && outcome === undefined && { error: cutOff }),
    ...((args.truncated || outcome?.truncated) && { truncated: true as const }),
  }
  return { ...envelope, type: 'tool_call', data }
}

const cutOff = 'The task ended before this call had a result.'

/** Reads the text of a digest, or the placeholder where the server cannot read it. */
export function textOf(contents: Contents, digest: Digest | undefined): string {
  const content = contents.get(digest ?? '')
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}

function argumentsOf(contents: Contents, digest: Digest | undefined): unknown {
  const text = readableText(contents.get(digest ?? ''))
  return text === undefined ? {} : JSON.parse(text)
}
