/**
 * awscli: files of every size and a checkpoint of 300 MB copied both ways, a second `sync` that
 * moves nothing and one that deletes, versions, `rm` and `rb`, `presign`.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('awscli does the main job', {
  environment: 'awscli',
  modules: ['test_awscli'],
})
