/** boto3 1.26: the same as with the current one, by a client that sends no checksums of its own. */
import { testPythonClient } from './python-client.ts'

await testPythonClient('boto3 1.26 does the main job', {
  environment: 'boto3-1.26',
  modules: ['test_boto3', 'test_boto3_transfers'],
})
