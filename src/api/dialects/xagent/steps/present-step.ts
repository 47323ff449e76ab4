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

export type Contents = ReadonlyMap<Digest, Content>

/** A text of a step, and whether it is less than the whole. */
export interface CutText {
  readonly text: string
  readonly truncated: boolean
}

/** How much of a text is shown. */
export type Cut = (text: string) => CutText

export const whole: Cut = (text) => ({ text, truncated: false })

export function contentsOfStep({ what }: StepRecord): Digest[] {
  if (what.type === 'thinking') return []
  const digests = what.type === 'message' ? [what.content] : [what.args, what.outcome]
  return digests.filter((digest) => digest !== undefined)
}

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

/** What stands for it where the server cannot read it. */
export function textOf(contents: Contents, digest: Digest | undefined): string {
  const content = contents.get(digest ?? '')
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}

function argumentsOf(contents: Contents, digest: Digest | undefined): unknown {
  const text = readableText(contents.get(digest ?? ''))
  return text === undefined ? {} : JSON.parse(text)
}
