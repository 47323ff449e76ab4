import { describe } from 'vitest'
import { describeBudgets } from './budgets.conformance.ts'
import { describeChats } from './chats.conformance.ts'
import { describeCommits } from './commits.conformance.ts'
import { describeIdentities } from './identities.conformance.ts'
import { describeJournals } from './journals.conformance.ts'
import { describeListing } from './listing.conformance.ts'
import { describePolicies } from './policies.conformance.ts'
import { describePrompts } from './prompts.conformance.ts'
import { describeQueue } from './queue.conformance.ts'
import { describeRetention } from './retention.conformance.ts'
import { describeStatements } from './statements.conformance.ts'
import { describeUsage } from './usage.conformance.ts'
import { describeWebhooks } from './webhooks.conformance.ts'
import { type OpenStore, withStoreOf } from './with-store.conformance.ts'

/** What every Store promises, whatever it is made of. */
export function describeStore(name: string, open: OpenStore): void {
  const withStore = withStoreOf(open)
  describe(`${name} keeps the promises of a store`, () => {
    describeCommits(withStore)
    describeJournals(withStore)
    describeQueue(withStore)
    describeListing(withStore)
    describeIdentities(withStore)
    describeWebhooks(withStore)
    describeChats(withStore)
    describeBudgets(withStore)
    describePrompts(withStore)
    describeStatements(withStore)
    describePolicies(withStore)
    describeRetention(withStore)
    describeUsage(withStore)
  })
}
