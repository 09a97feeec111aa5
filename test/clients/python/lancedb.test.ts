/**
 * LanceDB: tables on `s3://`, of two processes that write at once no row is lost, versions
 * restored, an index, filters, and for every hundredth of 1,797 images the nearest one is itself.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('LanceDB loses no row to writers at once', {
  environment: 'lancedb',
  modules: ['test_lancedb'],
})
