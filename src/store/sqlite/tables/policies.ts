import type { PolicyVersion } from '../../../domain/policy.ts'
import type { PolicySummary } from '../../store.ts'
import { flag, integer, json, type Row, readColumn, text } from '../columns.ts'

/** Reads a version of a policy from its row. */
export function readVersion(row: Row): PolicyVersion {
  return {
    digest: readColumn(row, 'digest', text),
    document: readColumn(row, 'document', json()),
    cedar: readColumn(row, 'cedar', text),
  }
}

/** Reads a version with its origin and its instant from its row. */
export function readSummary(row: Row): PolicySummary {
  return {
    version: readVersion(row),
    builtin: readColumn(row, 'builtin', flag),
    createdAt: readColumn(row, 'created_at', integer),
  }
}
