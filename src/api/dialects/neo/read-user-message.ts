import type { ChatMessage, Message, Part } from './contract/create-task.ts'

/**
 * What the user said last in a chat as the AI SDK's transport sends it: the server has the rest already. Parts of kinds that
 * a user's message has not are left out.
 */
export function readUserMessage(messages: readonly ChatMessage[] | undefined): Message | undefined {
  const last = messages?.findLast(({ role }) => role === 'user')
  if (last === undefined) return undefined
  const parts = (last.parts ?? []).flatMap((part) => readPart(part))
  return { ...(last.id !== undefined && { id: last.id }), parts }
}

function readPart(part: { readonly type: string } & Readonly<Record<string, unknown>>): Part[] {
  if (part.type !== 'text' && part.type !== 'file') return []
  const text = (name: string) => (typeof part[name] === 'string' ? { [name]: part[name] } : {})
  const names = ['text', 'media_type', 'mediaType', 'name', 'filename', 'url']
  return [Object.assign({ type: part.type }, ...names.map(text))]
}
