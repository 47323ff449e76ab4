import * as compliance from './compliance.ts'
import * as error from './error.ts'
import * as execution from './execution.ts'
import * as taskRequest from './task-request.ts'
import * as taskResponse from './task-response.ts'

/** Every schema of the contract by the name of its export. These are the components of the OpenAPI document. */
export const allSchemas = { ...compliance, ...error, ...execution, ...taskRequest, ...taskResponse }
