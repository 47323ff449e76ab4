import { describe } from 'vitest'
import { describeBudgets } from './store-budgets.conformance.ts'
import { describeChats } from './store-chats.conformance.ts'
import { describeCommits } from './store-commits.conformance.ts'
import { describeIdentities } from './store-identities.conformance.ts'
import { describeJournals } from './store-journals.conformance.ts'
import { describeListing } from './store-listing.conformance.ts'
import { describePolicies } from './store-policies.conformance.ts'
import { describeQueue } from './store-queue.conformance.ts'
import { describeRetention } from './store-retention.conformance.ts'
import { describeStatements } from './store-statements.conformance.ts'
import { describeUsage } from './store-usage.conformance.ts'
import { describeWebhooks } from './store-webhooks.conformance.ts'
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
    describeStatements(withStore)
    describePolicies(withStore)
    describeRetention(withStore)
    describeUsage(withStore)
  })
}
