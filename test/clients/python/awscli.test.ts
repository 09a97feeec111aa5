/**
 * awscli: a checkpoint copied both ways, a second `sync` that moves nothing, versions, `rm` and
 * `rb`, `presign`.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('awscli does the main job', {
  environment: 'awscli',
  modules: ['test_awscli'],
})
