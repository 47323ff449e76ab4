import * as approveTask from './approve-task.ts'
import * as createTask from './create-task.ts'
import * as error from './error.ts'
import * as task from './task.ts'

/** Every schema of the contract by the name of its export: the components of the OpenAPI document. */
export const allSchemas = { ...approveTask, ...createTask, ...error, ...task }
