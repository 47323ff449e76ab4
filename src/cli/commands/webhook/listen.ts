import type { Command } from 'commander'
import { isWebhookSecret } from '../../../client/check-webhook.ts'
import { type ConnectionOptions, connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { findAgentId } from '../../names.ts'
import { collectWords, parseWhole } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, contextFor, type Invocation } from '../../program.ts'
import { UsageError } from '../../usage-error.ts'
import { describeDelivery, type VerifyingKeys, verifyDelivery } from './describe-delivery.ts'
import { type ReceivedRequest, receiveWebhooks } from './receive-webhooks.ts'

interface ListenOptions extends ConnectionOptions {
  readonly port: number
  readonly secret?: string
  readonly subscribe?: boolean
  readonly events?: readonly string[]
  readonly agent?: string
  readonly json?: boolean
}

/**
 * Adds `mandate listen`. It listens on the loopback until Ctrl-C and deletes the subscription that it made, also after
 * an error.
 */
export function addListen(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('listen')
    .summary('receive, verify and print webhooks on this machine')
    .description(
      [
        'Receives webhooks on this machine, verifies their signatures and prints them, until Ctrl-C. With --subscribe it',
        'also subscribes to the events of your tasks for as long as it runs; without, use the URL it prints as a webhook_url.',
        'The server must be allowed to send to this machine: MANDATE_ALLOW_PRIVATE_NETWORK=1.',
      ].join('\n'),
    )
    .option('--port <number>', 'the port (default: any free one)', parseWhole('--port', 0, 65_535), 0)
    .option('--secret <secret>', "what verifies (default: the secret of the key in use, or the subscription's own)")
    .option('--subscribe', 'subscribe while it runs')
    .option('--events <words>', 'kinds or patterns to subscribe to, such as run.* (default: *)', collectWords)
    .option('--agent <agent>', 'subscribe to tasks with this agent only')
    .option('--json', 'print what came as JSON lines')
    .action(async (options: ListenOptions) => {
      invocation.exitCode = await listen(invocation, options)
    })
  addConnectionOptions(command)
}

async function listen({ environment, offline }: Invocation, options: ListenOptions): Promise<number> {
  if (options.secret !== undefined && !isWebhookSecret(options.secret)) {
    throw new UsageError('--secret takes a webhook secret, such as whsec_ followed by base64.')
  }
  const context = contextFor(environment, connect(options, environment, offline))
  const interrupted = Promise.withResolvers<void>()
  const keys = Promise.withResolvers<VerifyingKeys>()
  keys.promise.catch(() => undefined) // openKeys below throws the same error
  const receiver = await receiveWebhooks(
    options.port,
    createDeliveryHandler(context, keys.promise, options.json ?? false),
  )
  const stopListening = environment.onInterrupt(interrupted.resolve)
  let subscription: string | undefined
  try {
    const opened = await openKeys(context, options, receiver.url)
    subscription = opened.subscription
    keys.resolve(opened.keys)
    const how = subscription === undefined ? '' : ', subscribed until Ctrl-C'
    context.terminal.err(`listening on ${receiver.url}${how}\n`)
    await interrupted.promise
  } finally {
    keys.reject(new Error('It ended.'))
    stopListening()
    if (subscription !== undefined) await context.client.deleteWebhook(subscription)
    await receiver.close()
  }
  return exitCodes.succeeded
}

/** Where the subscription is wanted, it is made now: what it is sent waits for the keys. */
async function openKeys(
  { client }: CommandContext,
  { secret, subscribe, events, agent }: ListenOptions,
  url: string,
): Promise<{ readonly keys: VerifyingKeys; readonly subscription: string | undefined }> {
  if (subscribe || events !== undefined || agent !== undefined) {
    const agentId = agent === undefined ? undefined : await findAgentId(client, agent)
    const made = await client.createWebhook({
      url,
      events: [...(events ?? ['*'])],
      ...(agentId && { agent_id: agentId }),
    })
    return { keys: { secret: secret ?? made.secret, publicKey: made.public_key }, subscription: made.id }
  }
  if (secret !== undefined) return { keys: { secret, publicKey: undefined }, subscription: undefined }
  const own = await client.readKeyWebhookSecret()
  return { keys: { secret: own.secret, publicKey: own.public_key }, subscription: undefined }
}

/** Prints what comes; 204 for what is signed rightly, 401 for anything else. */
function createDeliveryHandler({ terminal, paint, now }: CommandContext, keys: Promise<VerifyingKeys>, json: boolean) {
  const seen = new Set<string>()
  return async (request: ReceivedRequest): Promise<number> => {
    const { problem, signatures } = await verifyDelivery(await keys, request)
    const id = request.headers['webhook-id'] ?? ''
    const again = seen.has(id)
    seen.add(id)
    if (json) {
      terminal.out(`${JSON.stringify({ verified: problem === undefined, problem, again, ...request })}\n`)
    } else {
      const verdict =
        problem === undefined
          ? paint('good', `verified ${signatures.join(' ')}`)
          : paint('bad', `NOT VERIFIED: ${problem}`)
      const time = new Date(now()).toISOString().slice(11, 19)
      terminal.out(`${time}  ${describeDelivery(request)}  ${verdict}${again ? '  (again)' : ''}\n`)
    }
    return problem === undefined ? 204 : 401
  }
}
