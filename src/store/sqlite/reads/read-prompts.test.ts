import { expect, test } from 'vitest'
import { queryPlan } from '../../../../test/support/migrated-database.ts'
import { promptSql } from './read-prompts.ts'

// A hundred thousand waiting runs cost disk and nothing else: each statement is a seek that has the order it wants.

test('each list of prompts is one seek in an index of its own order, without sorting', () => {
  expect(queryPlan(promptSql.ofTask)).toEqual([
    'SEARCH prompts USING INDEX prompts_by_task (task_id=? AND (opened_at,id)<(?,?))',
  ])
  expect(queryPlan(promptSql.openOfTask)).toEqual(['SEARCH prompts USING INDEX prompts_by_task (task_id=?)'])
  expect(queryPlan(promptSql.openOfOwner)).toEqual([
    'SEARCH prompts USING INDEX prompts_open_by_owner (owner_id=? AND (opened_at,id)<(?,?))',
  ])
  expect(queryPlan(promptSql.openOfTeam)).toEqual([
    'SEARCH prompts USING INDEX prompts_open_by_team (team_id=? AND (opened_at,id)<(?,?))',
  ])
  expect(queryPlan(promptSql.open)).toEqual(['SEARCH prompts USING INDEX prompts_open ((opened_at,id)<(?,?))'])
})

test('the changes after one are a seek in the order of their numbers, whoever reads them', () => {
  const prompt = 'SEARCH prompts USING PRIMARY KEY (id=?)'
  expect(queryPlan(promptSql.changedOfOwner)).toEqual([
    'SEARCH changes USING INDEX prompt_changes_by_owner (owner_id=? AND change>?)',
    prompt,
  ])
  expect(queryPlan(promptSql.changedOfTeam)).toEqual([
    'SEARCH changes USING INDEX prompt_changes_by_team (team_id=? AND change>?)',
    prompt,
  ])
  expect(queryPlan(promptSql.changed)).toEqual(['SEARCH changes USING INTEGER PRIMARY KEY (rowid>?)', prompt])
  expect(queryPlan(promptSql.lastChange)).toEqual(['SEARCH prompt_changes'])
})

test('what is due is one seek in an index that holds open prompts with a time only', () => {
  expect(queryPlan(promptSql.due)).toEqual(['SEARCH prompts USING INDEX prompts_due (expires_at>? AND expires_at<?)'])
})
