import type { Requirement } from '../../commit.ts'
import { digest } from '../columns.ts'
import { type ParameterValue, placeValues } from '../named-sql.ts'
import { requirementSql } from '../sql/requirements.ts'
import type { Call } from '../writer/encoded-commit.ts'
import type { RequirementName } from '../writer/writer-sql.ts'

/** Encodes a requirement as its SQL's name and parameters. */
export function encodeRequirement(requirement: Requirement): Call<RequirementName> {
  return [requirement.name, ...placeValues<string>(requirementSql[requirement.name], valuesOf(requirement))]
}

/** The values of the SQL's parameters. Most of them are the requirement's own properties, under the same names. */
function valuesOf(requirement: Requirement): Readonly<Record<string, ParameterValue>> {
  switch (requirement.name) {
    case 'runIs': {
      const { run, states, attempt = null } = requirement
      return { run, states: `,${states.join(',')},`, attempt }
    }
    case 'withinBudget':
      return { task: requirement.task, ...requirement.amounts }
    case 'unrevoked':
      return { certificate: digest.write(requirement.certificate) }
    default:
      return requirement
  }
}
