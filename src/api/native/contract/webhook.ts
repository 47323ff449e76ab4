import { type Static, Type } from 'typebox'
import { deliveryStates } from '../../../domain/delivery.ts'
import { disabledReasons, endpointFormats, endpointStates, webhookTypes } from '../../../domain/webhook.ts'
import { PageQuerySchema } from './agent.ts'
import { EventSchema } from './event.ts'
import { count, instant, nullable, strict, uuid } from './fields.ts'
import { PromptSchema } from './prompt.ts'

const page = { has_more: Type.Boolean(), next_cursor: nullable(Type.String()) }
const url = Type.String({ pattern: '^https?://\\S+$', 'x-form': 'an http or https URL', maxLength: 2_000 })
const events = Type.Array(Type.String({ maxLength: 100 }), {
  minItems: 1,
  maxItems: 50,
  description:
    'Kinds of events (`run.succeeded`) or patterns (`run.*`, `*`). `prompt.settled` stands for each event that settles a prompt.',
})

const answerLinks = nullable(
  Type.Object(
    { user_id: Type.String() },
    {
      ...strict,
      description: 'Each `prompt.opened` holds a link by which this user may answer it once, without a key.',
    },
  ),
)

/** The body of a delivery, except for the formats of dialects. */
export const WebhookBodySchema = Type.Object({
  type: Type.Enum([...webhookTypes]),
  timestamp: instant(),
  data: Type.Object({
    task: Type.Object({
      id: uuid(),
      number: Type.Integer({ minimum: 1 }),
      agent_id: uuid(),
      title: Type.String(),
      metadata: Type.Record(Type.String(), Type.Unknown()),
    }),
    event: EventSchema,
    prompt: Type.Optional(
      Type.Omit(PromptSchema, ['may_answer'], {
        description: 'With `prompt.opened` and `prompt.settled`: what is asked, and how it ended.',
      }),
    ),
    answer_link: Type.Optional(
      Type.Object(
        { url: Type.String(), expires_at: instant() },
        { description: 'By it the user of `answer_links` may answer once, without a key. Each try has another one.' },
      ),
    ),
    brief: Type.Boolean({
      description: 'The whole was too large: the texts of the event are left out; read them by its seq.',
    }),
  }),
})
/** The body that `standard` webhooks deliver. */
export type WebhookBody = Static<typeof WebhookBodySchema>

/** A webhook as clients read it. Its secret is not shown. */
export const WebhookSchema = Type.Object({
  id: uuid(),
  owner: Type.String(),
  task_id: nullable(uuid()),
  team_id: nullable(uuid()),
  agent_id: nullable(uuid()),
  url: Type.String(),
  events: Type.Array(Type.String()),
  format: Type.Enum([...endpointFormats]),
  answer_links: answerLinks,
  state: Type.Enum([...endpointStates]),
  disabled_because: nullable(Type.Enum([...disabledReasons])),
  created_at: instant(),
  updated_at: instant(),
})
/** The response of the calls that read or change one webhook. */
export type WebhookView = Static<typeof WebhookSchema>

/** A secret and the public key that signs beside it. */
export const WebhookSecretSchema = Type.Object({
  secret: Type.String({ description: 'For the `v1` signatures: `whsec_…`.' }),
  public_key: Type.String({ description: 'For the `v1a` signatures: `whpk_…`, the same for the whole server.' }),
})
/** The response of the calls that read or rotate a secret. */
export type WebhookSecretView = Static<typeof WebhookSecretSchema>

/** The answer to creating a webhook. It includes the secret, which no list shows. */
export const CreatedWebhookSchema = Type.Object({ ...WebhookSchema.properties, ...WebhookSecretSchema.properties })
/** The response of `POST /v1/webhooks`. */
export type CreatedWebhook = Static<typeof CreatedWebhookSchema>

/** The answer that lists webhooks, newest first. `next_cursor` is null on the last page. */
export const WebhookPageSchema = Type.Object({ webhooks: Type.Array(WebhookSchema), ...page })
/** The response of `GET /v1/webhooks`. */
export type WebhookPage = Static<typeof WebhookPageSchema>

/** The query that selects a page of webhooks. */
export const WebhookQuerySchema = Type.Object(
  { ...PageQuerySchema.properties, task_id: Type.Optional(uuid()) },
  { additionalProperties: false },
)
/** The query of `GET /v1/webhooks`, after validation. */
export type WebhookQuery = Static<typeof WebhookQuerySchema>

/**
 * The body that creates a webhook. It gets the events that end a run where `events` is left out. `agent_id` limits it
 * to tasks of this agent.
 */
export const CreateWebhookSchema = Type.Object(
  {
    url,
    events: Type.Optional(events),
    agent_id: Type.Optional(nullable(uuid())),
    answer_links: Type.Optional(answerLinks),
  },
  strict,
)
/** The body of `POST /v1/webhooks`, after validation by its form. */
export type CreateWebhook = Static<typeof CreateWebhookSchema>

/** The body that changes a webhook. Fields that are left out stay as they are. */
export const UpdateWebhookSchema = Type.Object(
  {
    url: Type.Optional(url),
    events: Type.Optional(events),
    state: Type.Optional(Type.Enum([...endpointStates])),
    answer_links: Type.Optional(answerLinks),
  },
  strict,
)
/** The body of `PATCH /v1/webhooks/{id}`, after validation by its form. */
export type UpdateWebhook = Static<typeof UpdateWebhookSchema>

/** The delivery of one event to one webhook, with its latest attempts. */
export const DeliverySchema = Type.Object({
  id: uuid(),
  webhook_id: uuid(),
  task_id: uuid(),
  seq: Type.Integer({ minimum: 1 }),
  type: Type.Enum([...webhookTypes]),
  state: Type.Enum([...deliveryStates]),
  attempts: count(),
  next_attempt_at: nullable(instant()),
  tries: Type.Array(
    Type.Object({
      at: instant(),
      duration_ms: count(),
      status: nullable(Type.Integer()),
      error: nullable(Type.String()),
    }),
    { description: 'The latest ones, oldest first.' },
  ),
  created_at: instant(),
  settled_at: nullable(instant()),
})
/** The response of a replay, and one row of the list of deliveries. */
export type DeliveryView = Static<typeof DeliverySchema>

/** The answer that lists deliveries, newest first. `next_cursor` is null on the last page. */
export const DeliveryPageSchema = Type.Object({ deliveries: Type.Array(DeliverySchema), ...page })
/** The response of `GET /v1/webhooks/{id}/deliveries`. */
export type DeliveryPage = Static<typeof DeliveryPageSchema>

/** The query that selects a page of deliveries. */
export const DeliveryQuerySchema = Type.Object(
  { ...PageQuerySchema.properties, state: Type.Optional(Type.Enum([...deliveryStates])) },
  { additionalProperties: false },
)
/** The query of `GET /v1/webhooks/{id}/deliveries`, after validation. */
export type DeliveryQuery = Static<typeof DeliveryQuerySchema>
