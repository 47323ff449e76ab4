import type { ApiKey, Team, User } from '../../domain/identity.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { KeyView, TeamView, UserView } from './contract/identity.ts'

/** Shows a key. The secret is not stored, so that it cannot be shown again. */
export function keyView(key: ApiKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    dialect: key.dialect,
    prefix: key.prefix,
    user_id: key.userId,
    agent_id: key.agentId,
    role: key.role,
    created_at: instantOf(key.createdAt),
    revoked_at: instantOrNull(key.revokedAt),
  }
}

/** Shows a user. */
export function userView(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    team_id: user.teamId,
    default_provider: user.defaultProvider,
    default_model: user.defaultModel,
    created_at: instantOf(user.createdAt),
  }
}

/** Shows a team. */
export function teamView(team: Team): TeamView {
  return {
    id: team.id,
    name: team.name,
    webhook_url: team.webhookUrl,
    default_provider: team.defaultProvider,
    default_model: team.defaultModel,
    created_at: instantOf(team.createdAt),
  }
}
