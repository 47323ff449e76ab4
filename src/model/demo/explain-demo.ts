import { builtInCatalogue } from '../catalogue.ts'

/**
 * The answer to a message that is no instruction: what this model is, what it can do, and how to configure a real one.
 */
export function explainDemo(part: string): string {
  const variables = builtInCatalogue.providers.flatMap((line) => (line.keyVariable === null ? [] : [line.keyVariable]))
  const shown = part.length > 200 ? `${part.slice(0, 200)}…` : part
  return [
    'This is a demonstration model. It needs no key and does not think: it follows plain instructions, joined by "then", with the real tools.',
    shown === '' ? 'The message holds no instruction.' : `It did not understand: ${shown}`,
    '',
    'It can do this:',
    '- say <text>',
    '- say <text> in <N> tokens (with "slowly" at the end of either, 20 ms between tokens)',
    '- list the files',
    '- read <file>',
    '- write <text> to <file>',
    '- count the words in <file>',
    '- fetch <url>',
    '- ask: <question> [<option>|<option>] (without options in free text; later instructions may hold {answer})',
    '- wait <N> seconds',
    '- fail <reason>',
    '',
    'For example: write to be or not to be to hamlet.txt then count the words in hamlet.txt',
    '',
    `To use a real model, set a key in the server's environment (${variables.join(', ')}) and start the server again; for a model that you host yourself (Ollama, vLLM, llama.cpp) add it to the file that MANDATE_MODELS names. MANDATE_MODEL chooses the default; a task can name another.`,
  ].join('\n')
}
