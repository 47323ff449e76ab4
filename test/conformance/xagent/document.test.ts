import { describeDocument } from '../../support/describe-document.ts'

describeDocument('xagent', 30, ['waiting for people', 'file uploads', 'swarm', 'plan mode', 'workflows'])
