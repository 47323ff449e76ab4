import type { TaskView } from '../../../api/native/contract/task.ts'
import { ClientError } from '../../../client/client-error.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { exitCodeOf, exitCodes } from '../../exit-codes.ts'
import { createLiveView } from '../../live/live-view.ts'
import { summariseTask } from '../../live/summarise-task.ts'
import type { CommandContext } from '../../program.ts'
import { writeLines } from '../../terminal.ts'

/** The part of the journal to show, and its form. */
export interface WatchOptions {
  /** Only events with a higher seq. */
  readonly after: number
  /** The journal as JSON lines and nothing else. */
  readonly json: boolean
  /** How the person gets the files that were written; undefined when they are brought anyway. */
  readonly filesHint: string | undefined
}

/**
 * Shows a task until its latest run has ended and answers with the exit code. The first Ctrl-C asks the server to cancel
 * and waits for the end that this brings; the second stops waiting. Either way the answer is then 130.
 */
export async function watchTask(
  context: CommandContext,
  environment: Pick<CliEnvironment, 'onInterrupt' | 'every'>,
  task: TaskView,
  options: WatchOptions,
): Promise<number> {
  const view = options.json ? jsonView(context) : liveView(context, environment, options)
  const leave = new AbortController()
  let interrupted = false
  const unlisten = environment.onInterrupt(() => {
    if (interrupted) return leave.abort(new Interrupted())
    interrupted = true
    view.note('Cancelling; press Ctrl-C again to leave without waiting.')
    context.client.cancelTask(task.id).catch((error: unknown) => {
      // The run may have ended by itself a moment before: then there is nothing to cancel.
      if (error instanceof ClientError && error.status === 409) return
      view.note(`It could not be cancelled: ${error instanceof Error ? error.message : String(error)}`)
      leave.abort(new Interrupted())
    })
  })
  try {
    await view.follow(task, options.after, leave.signal)
    const ended = await view.end(task)
    return interrupted ? exitCodes.interrupted : exitCodeOf(ended.state)
  } catch (error) {
    if (error instanceof Interrupted) return exitCodes.interrupted
    throw error
  } finally {
    unlisten()
    view.close()
  }
}

/** The command that fetches the files of the task, as a clause for the summary. */
export function fetchHint(program: string, { number }: TaskView): string {
  return `"${program} task fetch ${number}" brings them here`
}

class Interrupted extends Error {}

interface View {
  follow(task: TaskView, after: number, signal: AbortSignal): Promise<void>
  end(task: TaskView): Promise<TaskView>
  note(text: string): void
  close(): void
}

function jsonView({ client, terminal }: CommandContext): View {
  return {
    async follow(task, after, signal) {
      for await (const event of client.followJournal(task.id, { after, signal })) {
        terminal.out(`${JSON.stringify(event)}\n`)
      }
    },
    end: (task) => client.readTask(task.id),
    note: (text) => terminal.err(`${text}\n`),
    close: () => undefined,
  }
}

function liveView(
  context: CommandContext,
  { every }: Pick<CliEnvironment, 'every'>,
  { filesHint }: WatchOptions,
): View {
  const { client, terminal, paint } = context
  const view = createLiveView(context)
  const stop = terminal.isTty ? every(1_000, view.tick) : () => undefined
  return {
    async follow(task, after, signal) {
      let cut = false
      const events = client.followJournal(task.id, {
        after,
        signal,
        onDelta: terminal.isTty ? view.delta : undefined,
        onInterrupted: (error) => {
          if (!cut) view.note('warning', `${error.detail} Trying again; the task goes on without us.`)
          cut = true
        },
      })
      for await (const event of events) {
        cut = false
        view.event(event)
      }
    },
    async end(task) {
      view.close()
      const [ended, { files }] = await Promise.all([client.readTask(task.id), client.listFiles(task.id)])
      if (isTerminal(ended.state)) {
        writeLines(terminal, summariseTask({ task: ended, files, shownText: view.lastText, filesHint, paint }))
      }
      return ended
    },
    note: (text) => view.note('warning', text),
    close() {
      stop()
      view.close()
    },
  }
}
