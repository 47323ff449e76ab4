import type { PromptView } from '../../../api/native/contract/prompt.ts'
import { ClientError } from '../../../client/client-error.ts'
import type { Client } from '../../../client/create-client.ts'
import { listAll } from '../../lists.ts'
import { uuid } from '../../names.ts'
import { titleOfPrompt } from '../../prompt/describe-prompt.ts'
import { UsageError } from '../../usage-error.ts'

/** The prompt that a person means: by its id, or by its task (a number or an id) where that has exactly one open. */
export async function findPrompt(client: Client, word: string): Promise<PromptView> {
  const named = uuid.test(word) ? await readIfThere(client, word) : undefined
  if (named !== undefined) return named
  const prompts = await listAll((query) => client.listTaskPrompts(word, query), 'prompts')
  const open = prompts.filter(({ state }) => state === 'open')
  const [prompt, other] = open
  if (prompt === undefined) throw new UsageError(`Task ${word} asks nothing.`, 'inbox')
  if (other !== undefined) {
    const lines = open.map((one) => `\n  ${one.id}  ${titleOfPrompt(one)}`).join('')
    throw new UsageError(`Task ${word} asks several things; say which by its id:${lines}`)
  }
  return prompt
}

async function readIfThere(client: Client, id: string): Promise<PromptView | undefined> {
  try {
    return await client.readPrompt(id)
  } catch (error) {
    if (error instanceof ClientError && error.status === 404) return undefined // It may be the id of a task.
    throw error
  }
}
