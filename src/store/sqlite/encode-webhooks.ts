import type { Commit, Write } from '../commit.ts'
import type { Call, EncodedDelivery, EncodedTask, WriteName } from './encoded-commit.ts'
import { newDeliveryParameters, savedDeliveryParameters, savedEndpointParameters } from './webhook-rows.ts'

/** Writes that take several statements. */
export type ManyCallsWrite = Extract<
  Write,
  { kind: 'save_endpoint' | 'hold_endpoint' | 'delete_endpoint' | 'save_delivery' }
>

export function encodeWebhookCalls(write: ManyCallsWrite): Call<WriteName>[] {
  switch (write.kind) {
    case 'save_endpoint':
      return [
        ['saveEndpoint', ...savedEndpointParameters(write.endpoint)],
        ['moveDeliveries', write.endpoint.id],
      ]
    case 'hold_endpoint':
      return [
        ['holdEndpoint', write.until, write.endpoint],
        ['holdDeliveries', write.until, write.endpoint],
      ]
    case 'delete_endpoint':
      return [
        ['deleteDeliveries', write.endpoint],
        ['deleteEndpoint', write.endpoint],
        ['deleteWebhookSecret', `endpoint:${write.endpoint}`],
      ]
    case 'save_delivery': {
      const { delivery } = write
      const save: Call<WriteName> = ['saveDelivery', ...savedDeliveryParameters(delivery)]
      return delivery.settledAt === null ? [save] : [save, ['releaseNext', delivery.settledAt, delivery.id]]
    }
  }
}

/** The deliveries of a commit, each with the place of its event among what the commit appends. */
export function encodeDeliveries(commit: Commit, tasks: readonly EncodedTask[]): EncodedDelivery[] | null {
  let encoded: EncodedDelivery[] | null = null
  for (const write of commit.write) {
    if (write.kind !== 'add_deliveries') continue
    const task = tasks.findIndex(({ id }) => id === write.task)
    encoded ??= []
    for (const delivery of write.deliveries) encoded.push([task, delivery.event, ...newDeliveryParameters(delivery)])
  }
  return encoded
}
