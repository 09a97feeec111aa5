/**
 * minio-py: files of every size by `fput` and `fget`, streams of unknown length, lists of 1,797
 * images, copy and compose, tags, versions and their removal, object lock, presigned URLs, forms.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('minio-py does what its users do', {
  environment: 'minio-py',
  modules: ['test_minio'],
})
