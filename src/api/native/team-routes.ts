import { Refusal } from '../../domain/refusal.ts'
import { requireAdministrator } from '../../engine/access/require-administrator.ts'
import { createTeam, type TeamSettings } from '../../engine/commands/create-team.ts'
import { updateTeam } from '../../engine/commands/update-team.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema } from './answers.ts'
import { PageQuerySchema } from './contract/agent.ts'
import { CreateTeamSchema, TeamPageSchema, TeamSchema, type UpdateTeam, UpdateTeamSchema } from './contract/identity.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { teamView } from './present-identity.ts'

const refusals = ['role_forbidden', 'model_unknown', 'model_key_missing', 'model_unpriced'] as const

/** Adds the routes of teams, which are for administrators. The users name their team. */
export function addTeamRoutes(app: NativeApp, { deps }: NativeContext): void {
  const created = answersToBody({ 201: json('The team.', TeamSchema) }, [...refusals, ...idempotencyRefusals])
  app.post(
    '/v1/teams',
    { schema: { summary: 'Create a team', body: CreateTeamSchema, response: created } },
    async (request, reply) => {
      const { principal, body } = request
      const settings = { ...settingsOf(body), name: body.name }
      const team = await makeOnce(request, reply, (once) => createTeam(deps, principal, settings, once))
      return reply.code(201).send(teamView(team))
    },
  )
  const listed = answers({ 200: json('A page of teams.', TeamPageSchema) }, ['role_forbidden', 'invalid_input'])
  app.get(
    '/v1/teams',
    { schema: { summary: 'List teams, newest first', querystring: PageQuerySchema, response: listed } },
    async ({ principal, query }) => {
      requireAdministrator(principal)
      const request = pageRequest(deps.limits, 'created_at', query)
      const page = pageOf('created_at', await deps.store.listTeams(request), request)
      return { teams: page.rows.map(teamView), has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
  const read = answers({ 200: json('The team.', TeamSchema) }, ['role_forbidden', 'team_not_found'])
  app.get(
    '/v1/teams/:id',
    { schema: { summary: 'Read a team', params: IdSchema, response: read } },
    async ({ principal, params }) => {
      requireAdministrator(principal)
      const team = await deps.store.readTeam(params.id)
      if (team === undefined) throw new Refusal('team_not_found', 'There is no such team.')
      return teamView(team)
    },
  )
  const changed = answersToBody({ 200: json('The team after it.', TeamSchema) }, ['team_not_found', ...refusals])
  app.patch(
    '/v1/teams/:id',
    { schema: { summary: 'Change a team', params: IdSchema, body: UpdateTeamSchema, response: changed } },
    async ({ principal, params, body }) => teamView(await updateTeam(deps, principal, params.id, settingsOf(body))),
  )
}

function settingsOf({ webhook_url, default_provider, default_model, ...same }: UpdateTeam): TeamSettings {
  return {
    ...same,
    ...(webhook_url !== undefined && { webhookUrl: webhook_url }),
    ...(default_provider !== undefined && { defaultProvider: default_provider }),
    ...(default_model !== undefined && { defaultModel: default_model }),
  }
}
