import { describe, expect, test } from 'vitest'
import { sampleAt, sampleId, sampleTask, submission } from '../../../test/support/sample-tasks.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { openPrompt, type Write } from '../commit.ts'
import type { WithStore } from './with-store.conformance.ts'

export function describePrompts(withStore: WithStore): void {
  describe('prompts', () => {
    test(
      'are read as they were opened, and settled once: a second settlement is refused by name',
      withStore(async (store) => {
        const prompt = samplePrompt()
        await store.commit({ write: [insert(prompt)] })
        expect(await store.readPrompt(prompt.id)).toEqual(prompt)
        expect(await store.readPrompt('x')).toBeUndefined()
        const settle = (outcome: 'approved' | 'denied') =>
          store.commit({ require: [openPrompt(prompt.id)], write: [answered(prompt, outcome)] })
        const [first, second] = await Promise.all([settle('approved'), settle('denied')])
        expect(first.committed).toBe(true)
        expect(second).toEqual({ committed: false, refused: openPrompt(prompt.id) })
        expect(await store.readPrompt(prompt.id)).toEqual({
          ...prompt,
          ...{ state: 'answered', settledAt: sampleAt + 5, outcome: 'approved', answer: 'sha256:2' },
          answeredBy: { user: 'user-1', key: null, via: 'token' },
        })
      }),
    )

    test(
      'are listed for a task, and while they are open for its owner, its team and everybody, newest first and in pages',
      withStore(async (store) => {
        const mine = [1, 2, 3].map((number) => samplePrompt({ taskId: 'task-1', openedAt: sampleAt + number }))
        const other = samplePrompt({ taskId: 'task-2', ownerId: 'owner-2', teamId: null, openedAt: sampleAt + 9 })
        const [first, second, third] = mine
        if (first === undefined || second === undefined || third === undefined) throw new Error('three were made')
        await store.commit({ write: [...mine, other].map(insert) })
        await store.commit({ write: [answered(second, 'approved')] })
        const ids = (prompts: readonly Prompt[]) => prompts.map(({ id }) => id)
        const all = { limit: 10 }
        expect(ids(await store.listPrompts({ taskId: 'task-1' }, all))).toEqual(ids([third, second, first]))
        expect(ids(await store.listOpenPrompts('task-1'))).toEqual(ids([first, third]))
        expect(ids(await store.listPrompts({ ownerId: first.ownerId }, all))).toEqual(ids([third, first]))
        expect(ids(await store.listPrompts({ teamId: 'team-1' }, all))).toEqual(ids([third, first]))
        expect(ids(await store.listPrompts({}, all))).toEqual(ids([other, third, first]))
        const before = { createdAt: third.openedAt, id: third.id }
        expect(ids(await store.listPrompts({}, { limit: 1, before }))).toEqual(ids([first]))
      }),
    )

    test(
      'whose time is over are listed while they are open, the longest due first',
      withStore(async (store) => {
        const [late, early, never] = [
          samplePrompt({ expiresAt: 200 }),
          samplePrompt({ expiresAt: 100 }),
          samplePrompt({ expiresAt: null }),
        ]
        await store.commit({ write: [late, early, never].map(insert) })
        const due = async (now: number, limit = 10) => (await store.listDuePrompts(now, limit)).map(({ id }) => id)
        expect(await due(99)).toEqual([])
        expect(await due(100)).toEqual([early.id])
        expect(await due(999)).toEqual([early.id, late.id])
        expect(await due(999, 1)).toEqual([early.id])
        await store.commit({ write: [answered(early, 'denied')] })
        expect(await due(999)).toEqual([late.id])
      }),
    )

    test(
      'change when they are opened and when they are settled, each change once, in order, for owner, team and everybody',
      withStore(async (store) => {
        expect(await store.lastPromptChange()).toBe(0)
        const mine = samplePrompt()
        const other = samplePrompt({ ownerId: 'owner-2', teamId: null })
        await store.commit({ write: [insert(mine)] })
        await store.commit({ write: [insert(other), answered(mine, 'approved')] })
        const refused = { require: [openPrompt(mine.id)], write: [answered(mine, 'denied')] }
        expect((await store.commit(refused)).committed).toBe(false)
        await store.commit({ write: [answered(mine, 'denied')] })
        const settled = await store.readPrompt(mine.id)
        const changes = [
          { change: 1, opened: true, prompt: mine },
          { change: 2, opened: true, prompt: other },
          { change: 3, opened: false, prompt: settled },
        ]
        expect(settled).toMatchObject({ state: 'answered', outcome: 'approved' })
        expect(await store.listChangedPrompts({}, 0, 10)).toEqual(changes)
        expect(await store.listChangedPrompts({}, 1, 1)).toEqual([changes[1]])
        expect(await store.listChangedPrompts({ ownerId: mine.ownerId }, 0, 10)).toEqual([changes[0], changes[2]])
        expect(await store.listChangedPrompts({ teamId: 'team-1' }, 1, 10)).toEqual([changes[2]])
        expect(await store.listChangedPrompts({}, 3, 10)).toEqual([])
        expect(await store.lastPromptChange()).toBe(3)
      }),
    )

    test(
      'have links that are found by the hash of their token, used once and forgotten after they expired',
      withStore(async (store) => {
        const granted = { userId: 'user-1', grantedRole: 'admin', grantedKeyId: null } as const
        const link = { ...granted, tokenHash: 'hash-1', prompt: 'prompt-1', expiresAt: 100, usedAt: null }
        const later = { ...link, tokenHash: 'hash-2', grantedKeyId: 'key-1', expiresAt: 200 }
        expect(await store.oldestAnswerLink()).toBeUndefined()
        await store.commit({ write: [link, later].map((link) => ({ kind: 'add_answer_link', link })) })
        expect(await store.readAnswerLink('hash-1')).toEqual(link)
        expect(await store.readAnswerLink('hash-2')).toEqual(later)
        expect(await store.readAnswerLink('hash-3')).toBeUndefined()
        for (const at of [50, 60]) await store.commit({ write: [{ kind: 'use_answer_link', tokenHash: 'hash-1', at }] })
        expect(await store.readAnswerLink('hash-1')).toEqual({ ...link, usedAt: 50 })
        const forget = (before: number) => store.commit({ write: [{ kind: 'forget_answer_links', before, limit: 10 }] })
        await forget(100)
        expect(await store.oldestAnswerLink()).toBe(100)
        await forget(101)
        expect(await store.readAnswerLink('hash-1')).toBeUndefined()
        expect(await store.oldestAnswerLink()).toBe(200)
      }),
    )

    test(
      'are written in the commit of their events or not at all',
      withStore(async (store) => {
        const task = sampleTask()
        const prompt = samplePrompt({ taskId: task.task.id })
        const refused = await store.commit({ require: [openPrompt('another')], write: [insert(prompt)] })
        expect(refused.committed).toBe(false)
        expect(await store.readPrompt(prompt.id)).toBeUndefined()
        const { write } = submission(task)
        await store.commit({ write: [...write, insert(prompt)] })
        expect(await store.listOpenPrompts(task.task.id)).toEqual([prompt])
      }),
    )
  })
}

const insert = (prompt: Prompt): Write => ({ kind: 'insert_prompt', prompt })

function answered({ id }: Prompt, outcome: 'approved' | 'denied'): Write {
  const by = { user: 'user-1', key: null, via: 'token' } as const
  const settled = { prompt: id, settledAt: sampleAt + 5, outcome, answeredBy: by, answer: 'sha256:2' }
  return { kind: 'settle_prompt', state: 'answered', ...settled }
}

function samplePrompt(over: Partial<Prompt> = {}): Prompt {
  return {
    id: sampleId(),
    taskId: 'task-1',
    runId: 'run-1',
    ownerId: 'owner-1',
    teamId: 'team-1',
    kind: 'approval',
    step: 2,
    action: 'action-1',
    tool: 'send',
    categories: ['money'],
    version: 1,
    payload: 'sha256:1',
    state: 'open',
    openedAt: sampleAt,
    expiresAt: sampleAt + 60_000,
    onExpiry: 'deny',
    settledAt: null,
    outcome: null,
    answeredBy: null,
    answer: null,
    ...over,
  }
}
