import { named } from '../named-sql.ts'
import { chatMembers, chats, shares } from '../tables/chats.ts'
import { agents, keys, teams, users } from '../tables/identities.ts'

/** SQL that writes users, teams, keys, agents, chats and the small tables. */
export const identitySql = {
  insertAgent: agents.insert,
  saveAgent: agents.update,
  deleteAgent: named('UPDATE agents SET deleted = 1 WHERE id = :agent'),
  insertUser: users.insert,
  saveUser: users.update,
  insertTeam: teams.insert,
  saveTeam: teams.update,
  insertKey: keys.insert,
  saveKey: keys.update,
  insertChat: chats.insert,
  insertChatMember: chatMembers.insert,
  insertShare: shares.insert,
  saveShare: shares.update,
  rememberIdempotency:
    named(`INSERT INTO idempotency (owner_id, key, request_digest, task_id, after_seq, last_seq, made, created_at)
    VALUES (:ownerId, :key, :requestDigest, :task,
      ifnull(:lastSeq, (SELECT last_seq FROM tasks WHERE id = :task)) - :events,
      ifnull(:lastSeq, (SELECT last_seq FROM tasks WHERE id = :task)), :made, :createdAt)`),
  forgetIdempotency: named('DELETE FROM idempotency WHERE created_at < :before'),
  putSetting: named(`INSERT INTO settings (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
} as const
