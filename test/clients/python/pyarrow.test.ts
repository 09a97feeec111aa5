/**
 * pyarrow: a Parquet dataset in partitions by its own S3 file system, written, filtered,
 * overwritten and compared row by row; single columns of a large file; files of every size; move
 * and delete.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('pyarrow reads the tables that it wrote', {
  environment: 'pyarrow',
  modules: ['test_pyarrow'],
})
