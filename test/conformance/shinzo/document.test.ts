import { describeDocument } from '../../support/describe-document.ts'

describeDocument('shinzo', 40, ['waiting for people'])
