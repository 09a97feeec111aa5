/**
 * boto3: models in versions, a checkpoint of 300 MB, a dataset of 1,797 images, presigned URLs.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('boto3 does the main job', {
  environment: 'boto3',
  script: 'test_boto3.py',
})
