import { expect, test } from 'vitest'
import { extensionOf, writeExtension } from './extension.ts'

const extension = {
  chatId: 'chat-1',
  customTitle: 'Mine',
  repositoryId: 'r1',
  baseBranch: 'main',
  repositorySourceType: 'git-server' as const,
  userCwd: '/src',
  forceUserCwd: true,
}
const { customTitle, userCwd, ...kept } = extension

test('the title and the folder are stored apart, where a purge removes them', () => {
  expect(writeExtension(extension)).toStrictEqual({ ...kept, private: { customTitle, userCwd } })
})

test('a task is read back as it was written, but for the key of its message', () => {
  expect(extensionOf({ extension: writeExtension(extension) })).toStrictEqual(extension)
  const written = writeExtension({ ...extension, dataEncryptionKey: 'a2V5' })
  expect(written).toMatchObject({ dataEncryptionKey: 'a2V5' })
  expect(extensionOf({ extension: written })).toStrictEqual(extension)
})

test('a purged task has neither a title nor a folder', () => {
  expect(extensionOf({ extension: kept })).toStrictEqual({ ...extension, customTitle: null, userCwd: null })
})

test('a task that has only its chat is a temporary one', () => {
  expect(extensionOf({ extension: { chatId: 'chat-1', private: {} } })).toStrictEqual({
    chatId: 'chat-1',
    customTitle: null,
    repositoryId: null,
    baseBranch: null,
    repositorySourceType: 'temporary',
    userCwd: null,
    forceUserCwd: null,
  })
})

test.each([
  ['no chat', {}],
  ['a chat that is none', { chatId: 7 }],
  ['a repository that is none', { chatId: 'chat-1', repositoryId: 7 }],
  ['a branch that is none', { chatId: 'chat-1', baseBranch: 7 }],
  ['an unknown type of source', { chatId: 'chat-1', repositorySourceType: 'usb' }],
  ['a folder that may be forced by a text', { chatId: 'chat-1', forceUserCwd: 'yes' }],
  ['a key that is none', { chatId: 'chat-1', dataEncryptionKey: 7 }],
  ['a title that is none', { chatId: 'chat-1', private: { customTitle: 7 } }],
  ['a folder that is none', { chatId: 'chat-1', private: { userCwd: 7 } }],
])('%s is a defect', (_fact, stored) => {
  expect(() => extensionOf({ extension: stored })).toThrow('What a dialect keeps cannot be read')
})
