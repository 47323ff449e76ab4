import * as createTask from './create-task.ts'
import * as error from './error.ts'
import * as interaction from './interaction.ts'
import * as step from './step.ts'
import * as task from './task.ts'

/** Every schema of the contract by the name of its export: the components of the OpenAPI document. */
export const allSchemas = { ...createTask, ...error, ...interaction, ...step, ...task }
