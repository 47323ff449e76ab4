import { itemForText, type OpenPrompt } from '../../../engine/queries/read-open-prompts.ts'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import { promptUrl } from '../../edge/native-url.ts'
import type { InputRequest } from './contract/task.ts'

/** Shows what a task asks its user, the oldest first. */
export function presentInputRequests(
  context: Pick<EdgeContext, 'publicUrl'>,
  open: readonly OpenPrompt[],
): InputRequest[] {
  const byMessage = itemForText(open) !== undefined
  return open.map(({ prompt: { id, kind, tool, openedAt, expiresAt }, items }) => ({
    prompt_id: id,
    kind,
    tool,
    questions: items.map(({ options, ...item }) => ({ ...item, options: [...options] })),
    by_message: byMessage,
    opened_at: instantOf(openedAt),
    expires_at: instantOrNull(expiresAt),
    prompt_url: promptUrl(context, id),
  }))
}
