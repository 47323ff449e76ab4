import { Type } from 'typebox'
import { EventPageSchema, EventQuerySchema } from './event.ts'
import { TaskSchema } from './task.ts'

const flag = (otherwise: boolean) => Type.Optional(Type.Boolean({ default: otherwise }))

/** The body that shares a task. A permission that is left out gets its value of `permissionDefaults`. */
export const ShareTaskSchema = Type.Object({
  permissions: Type.Optional(
    Type.Object({
      canSendMessage: flag(false),
      canCreatePr: flag(false),
      canApprovePr: flag(false),
      canViewPr: flag(true),
      canMergePr: flag(false),
    }),
  ),
})

/** The permissions of a link where the request does not name them. */
export const permissionDefaults = {
  canSendMessage: false,
  canCreatePr: false,
  canApprovePr: false,
  canViewPr: true,
  canMergePr: false,
} as const

const PermissionsSchema = Type.Object({
  canSendMessage: Type.Boolean(),
  canCreatePr: Type.Boolean(),
  canApprovePr: Type.Boolean(),
  canViewPr: Type.Boolean(),
  canMergePr: Type.Boolean(),
})

/** The answer to sharing a task: the code that opens it. */
export const SharedSchema = Type.Object({ shareCode: Type.String() })

const { limit, before, after } = EventQuerySchema.properties
/** The query of a link: its code, and the events to be shown. */
export const ShareQuerySchema = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 200 }),
  limit,
  before,
  after,
})

/** The answer to opening a link: the task with a page of its events. */
export const SharedTaskSchema = Type.Object({
  shareCode: Type.String(),
  taskId: Type.String(),
  permissions: PermissionsSchema,
  task: TaskSchema,
  ...EventPageSchema.properties,
})
