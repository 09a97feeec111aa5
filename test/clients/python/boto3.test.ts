/**
 * boto3: models in versions, a checkpoint of 300 MB, a dataset of 1,797 images, files of every
 * size, an upload that was cut and goes on, copies in parts, ETags, presigned URLs and forms;
 * those of signature version 2 are refused with what to use.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('boto3 does the main job', {
  environment: 'boto3',
  modules: ['test_boto3', 'test_boto3_transfers'],
})
