import { describeDocument } from '../../support/describe-document.ts'

describeDocument('neo', 45, [
  'plan mode',
  'swarm',
  'hand-off of artifacts',
  'file uploads',
  'sandboxes',
  'verification',
  'secrets',
])
