import type { OpenPrompt } from '../../../engine/queries/read-open-prompts.ts'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { promptUrl } from '../../edge/native-url.ts'
import type { PendingPrompt } from './contract/execution.ts'
import { epochSecondsOf } from './values.ts'

/**
 * Shows what an execution waits for from people, the oldest first. Certior has no call that answers: each names its native
 * address.
 */
export function presentPendingPrompts(
  context: Pick<EdgeContext, 'publicUrl'>,
  open: readonly OpenPrompt[],
): PendingPrompt[] {
  return open.map(({ prompt: { id, kind, action, tool, openedAt, expiresAt }, items }) => ({
    prompt_id: id,
    prompt_kind: kind,
    tool_call_id: action,
    tool,
    questions: items.map(({ options, ...item }) => ({ ...item, options: [...options] })),
    opened_at: epochSecondsOf(openedAt),
    expires_at: expiresAt === null ? null : epochSecondsOf(expiresAt),
    prompt_url: promptUrl(context, id),
  }))
}
