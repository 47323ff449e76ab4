import type { JsonObject } from '../../src/domain/json.ts'
import type { Tool, ToolContext, ToolResult } from '../../src/tool/tool.ts'

/** A tool for tests: takes `{ text }`, needs `test:use`, and does what it is told. */
export function createScriptedTool(
  name: string,
  perform: (input: JsonObject, context: ToolContext) => Promise<string> | string,
  over: Partial<Tool> = {},
): Tool {
  return {
    name,
    description: `The tool ${name} of a test.`,
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string' } },
      required: ['text'],
      additionalProperties: false,
    },
    capabilities: ['test:use'],
    capabilitiesFor: () => ['test:use'],
    safeToRepeat: false,
    access: 'other',
    sinks: [],
    approvalCategories: [],
    facetsOf: () => ({ host: null, path: null }),
    costMicrosUsd: 0,
    timeoutMs: 5_000,
    outputBytesMax: 10_000,
    labels: [],
    perform: async (input, context): Promise<ToolResult> => ({ output: await perform(input, context), wrote: false }),
    ...over,
  }
}
