import * as chat from './chat.ts'
import * as error from './error.ts'
import * as event from './event.ts'
import * as share from './share.ts'
import * as startTask from './start-task.ts'
import * as task from './task.ts'
import * as taskMessage from './task-message.ts'

/** Every schema of the contract by the name of its export: the components of the OpenAPI document. */
export const allSchemas = { ...chat, ...error, ...event, ...share, ...startTask, ...task, ...taskMessage }
