import { chatMembers, chats, shares } from '../tables/chats.ts'
import { agents, keys, teams, users } from '../tables/identities.ts'
import type { WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of users, teams, keys, agents, chats and the small tables. */
export const identityEncoders = {
  insert_agent: ({ agent }, { calls }) => void calls.push(['insertAgent', ...agents.insert.parametersOf(agent)]),
  save_agent: ({ agent }, { calls }) => void calls.push(['saveAgent', ...agents.update.parametersOf(agent)]),
  delete_agent: ({ agent }, { call }) => call('deleteAgent', { agent }),
  insert_user: ({ user }, { calls }) => void calls.push(['insertUser', ...users.insert.parametersOf(user)]),
  save_user: ({ user }, { calls }) => void calls.push(['saveUser', ...users.update.parametersOf(user)]),
  insert_team: ({ team }, { calls }) => void calls.push(['insertTeam', ...teams.insert.parametersOf(team)]),
  save_team: ({ team }, { calls }) => void calls.push(['saveTeam', ...teams.update.parametersOf(team)]),
  insert_key: ({ key }, { calls }) => void calls.push(['insertKey', ...keys.insert.parametersOf(key)]),
  save_key: ({ key }, { calls }) => void calls.push(['saveKey', ...keys.update.parametersOf(key)]),
  insert_chat({ chat }, { calls }) {
    calls.push(['insertChat', ...chats.insert.parametersOf(chat)])
    for (const [position, member] of chat.members.entries()) {
      const placed = { ...member, chatId: chat.id, position }
      calls.push(['insertChatMember', ...chatMembers.insert.parametersOf(placed)])
    }
  },
  insert_share: ({ share }, { calls }) => void calls.push(['insertShare', ...shares.insert.parametersOf(share)]),
  save_share: ({ share }, { calls }) => void calls.push(['saveShare', ...shares.update.parametersOf(share)]),
  // Calls come after the events of their commit, so that the numbers of those are found.
  remember_idempotency({ request, outcome: { task, made } }, { call }) {
    const of = { task: task?.id ?? null, events: task?.events ?? 0, lastSeq: task?.lastSeq ?? null }
    call('rememberIdempotency', { ...request, ...of, made: made === undefined ? null : JSON.stringify(made) })
  },
  forget_idempotency: ({ before }, { call }) => call('forgetIdempotency', { before }),
  put_setting: ({ name, value }, { call }) => call('putSetting', { name, value }),
} satisfies Partial<WriteEncoders>
