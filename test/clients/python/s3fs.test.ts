/**
 * s3fs for Python, with pandas: a Parquet table in partitions, written, filtered and compared row
 * by row; folders both ways; append, exclusive creation, versions, tags, URLs.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('s3fs gives pandas the tables that it wrote', {
  environment: 's3fs',
  modules: ['test_s3fs'],
})
