import { describeDocument } from '../../support/describe-document.ts'

describeDocument('shinzo', 40, [])
