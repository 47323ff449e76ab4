import type { Chat, ChatMember } from '../../../domain/chat.ts'
import { instantOf } from '../../edge/instants.ts'
import type { ChatView } from './contract/chat.ts'
import { showId } from './ids.ts'

export function chatView(chat: Chat): ChatView {
  const { id, type, title, members } = chat
  const times = { createdAt: instantOf(chat.createdAt), updatedAt: instantOf(chat.updatedAt) }
  const chatId = showId('chat', id)
  return {
    id: chatId,
    owner: ownerOf(chat),
    type,
    title,
    ...times,
    defaultMachineId: null,
    defaultCloudId: null,
    defaultRepositoryId: null,
    defaultBaseBranch: null,
    members: members.map((member) => ({
      id: `member-${member.id}`,
      chatId,
      memberCode: codeOf(member),
      type: member.type,
      role: member.role,
      ...times,
    })),
  }
}

function codeOf({ type, memberId }: ChatMember): string {
  return showId(type === 'agent' ? 'agent' : 'user', memberId)
}

/** Of a group, who made it; a direct chat belongs to its members together. */
function ownerOf({ type, ownerId, members }: Chat): string {
  return type === 'group' ? showId('user', ownerId) : members.map(codeOf).sort().join(',')
}
