import type { JsonObject } from '../domain/json.ts'
import { defaultAnswers, type PromptAnswer } from '../domain/prompt.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt, Pending } from './attempt.ts'
import { type ActionPrompt, closeAction, type OpenAction } from './conversation.ts'
import { inspectResult } from './inspect-result.ts'
import { refuseAction, settleAction } from './settle-action.ts'

/** The answer to a question as the model reads it. `failed` says that there is none. */
interface Reply {
  readonly text: string
  readonly failed: boolean
}

/**
 * Settles a question whose prompt is settled: what a person answered is the result of the call, and passes the guard like the
 * result of any tool. All of it is pending until the caller commits it.
 */
export async function takeAnswer(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  prompt: ActionPrompt,
  pending: Pending,
): Promise<void> {
  const { conversation, deps } = attempt
  const tool = deps.tools.get(open.tool)
  // The guard allowed the call, so that its arguments are an object that fits the tool; after an upgrade it may be gone.
  const input = open.arguments.value as JsonObject
  if (tool === undefined) return refuseAction(attempt, step, open, pending, `The tool ${open.tool} is gone.`)
  const reply = replyOf(prompt, tool, input)
  const inspected = await inspectResult(attempt, tool, input, reply.text)
  settleAction(attempt, step, open, pending, {
    outcome: reply.failed ? 'failed' : 'settled',
    certificate: open.allowed?.certificate,
    result: inspected.result,
    findings: inspected.findings,
    labels: inspected.labels.filter((label) => !conversation.labels.has(label)),
    costMicrosUsd: open.allowed?.reservedMicrosUsd,
    releasedMicrosUsd: open.allowed?.reservedMicrosUsd,
  })
  closeAction(conversation, open, reply.failed, inspected.output)
}

function replyOf({ settled, onExpiry }: ActionPrompt, tool: Tool, input: JsonObject): Reply {
  if (settled?.by === 'answer') {
    if (settled.text === null) return { text: 'A person answered, and the answer was deleted since.', failed: true }
    const { data, message }: PromptAnswer = JSON.parse(settled.text)
    if (settled.outcome === 'answered') return { text: canonicalText(withMessage(data, message)), failed: false }
    return { text: `The person declined to answer.${message === null ? '' : ` They said: ${message}`}`, failed: true }
  }
  if (onExpiry === 'default' && tool.ask !== undefined) {
    const note = 'Nobody answered in time; these are the defaults.'
    return { text: canonicalText(withMessage({ answers: defaultAnswers(tool.ask(input)) }, note)), failed: false }
  }
  return { text: 'Nobody answered in time.', failed: true }
}

function withMessage(data: JsonObject, message: string | null): JsonObject {
  return message === null ? data : { ...data, message }
}
