import type { ApiPart } from '../../openapi/api-description.ts'

/** The operations by the part of the API that they belong to, each with its name in generated clients. */
export const apiParts: readonly ApiPart[] = [
  {
    name: 'Executions',
    description: 'Submitting tasks and watching what becomes of them.',
    operations: {
      'POST /api/v1/tasks': 'createTask',
      'GET /api/v1/executions': 'listExecutions',
      'GET /api/v1/executions/{id}': 'readExecution',
      'DELETE /api/v1/executions/{id}': 'cancelExecution',
    },
  },
  {
    name: 'Compliance',
    description: 'Policies, and the record of an execution.',
    operations: {
      'GET /api/v1/compliance/presets': 'listPresets',
      'GET /api/v1/compliance/{id}/export': 'exportExecution',
    },
  },
]
