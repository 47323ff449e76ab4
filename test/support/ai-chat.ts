import { AbstractChat, type ChatState, type ChatStatus, type UIMessage } from 'ai'

/** The chat that `useChat` holds, without a framework around it. */
export class AiChat extends AbstractChat<UIMessage> {
  constructor(init: Omit<ConstructorParameters<typeof AbstractChat<UIMessage>>[0], 'state'>) {
    super({ ...init, state: createChatState() })
  }
}

function createChatState(): ChatState<UIMessage> {
  const state = {
    status: 'ready' as ChatStatus,
    error: undefined as Error | undefined,
    messages: [] as UIMessage[],
    pushMessage(message: UIMessage) {
      state.messages = [...state.messages, message]
    },
    popMessage() {
      state.messages = state.messages.slice(0, -1)
    },
    replaceMessage(index: number, message: UIMessage) {
      state.messages = state.messages.with(index, structuredClone(message))
    },
    snapshot: <T>(thing: T): T => structuredClone(thing),
  }
  return state
}
