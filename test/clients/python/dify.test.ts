/**
 * Dify: the calls of its S3 storage in its order, with a bucket that is missing, there and
 * forbidden; files of every size saved, loaded, streamed, downloaded, signed for a URL and deleted.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient("Dify's storage hears what it expects", {
  environment: 'boto3',
  modules: ['test_dify'],
})
