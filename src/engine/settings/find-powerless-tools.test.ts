import { expect, test } from 'vitest'
import { findPowerlessTools } from './find-powerless-tools.ts'

const tools = new Map([
  ['read_file', { capabilities: ['filesystem:read'] }],
  ['write_file', { capabilities: ['filesystem:write'] }],
  ['fetch_url', { capabilities: ['network:http:read'] }],
])

test.each<[string[], string[], object | undefined]>([
  [[], [], undefined],
  [['read_file'], ['filesystem:read'], undefined],
  [['read_file', 'fetch_url'], ['*'], undefined],
  [['read_file', 'write_file'], ['filesystem:*'], undefined],
  [['read_file'], [], { tools: ['read_file'], lacks: ['filesystem:read'] }],
  [['read_file', 'write_file'], ['filesystem:read'], { tools: ['write_file'], lacks: ['filesystem:write'] }],
  [
    ['fetch_url', 'read_file'],
    [],
    { tools: ['fetch_url', 'read_file'], lacks: ['network:http:read', 'filesystem:read'] },
  ],
  [['gone'], [], undefined],
])('an agent with %j and the capabilities %j has %j in vain', (names, capabilities, found) => {
  expect(findPowerlessTools(tools, { tools: names, capabilities })).toEqual(found)
})
