import { Type } from 'typebox'
import { EventPageSchema, EventQuerySchema } from './event.ts'
import { TaskSchema } from './task.ts'

const flag = (otherwise: boolean) => Type.Optional(Type.Boolean({ default: otherwise }))

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

/** What a viewer may do where nothing else was said. */
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

export const SharedSchema = Type.Object({ shareCode: Type.String() })

const { limit, before, after } = EventQuerySchema.properties
export const ShareQuerySchema = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 200 }),
  limit,
  before,
  after,
})

/** The task that a link shows, with a page of its events. */
export const SharedTaskSchema = Type.Object({
  shareCode: Type.String(),
  taskId: Type.String(),
  permissions: PermissionsSchema,
  task: TaskSchema,
  ...EventPageSchema.properties,
})
