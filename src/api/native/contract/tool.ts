import { type Static, Type } from 'typebox'

/** A tool of the server, which an agent may have among its `tools`. */
const ToolSchema = Type.Object({
  name: Type.String(),
  description: Type.String({ description: 'The description that the model gets.' }),
  capabilities: Type.Array(Type.String(), {
    description: 'What an agent must be granted to use it; each or a wider one, such as `filesystem:*` or `*`.',
  }),
})
/** One tool of `GET /v1/tools`. */
export type ToolView = Static<typeof ToolSchema>

/** The tools that this server has installed. */
export const ToolListSchema = Type.Object({ tools: Type.Array(ToolSchema) })
/** The response of `GET /v1/tools`. */
export type ToolList = Static<typeof ToolListSchema>
