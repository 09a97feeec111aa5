/**
 * MLflow: with `s3://` artifacts, three trained models registered, given aliases, loaded by
 * them and predicting as before; files of a run listed, downloaded and deleted.
 */
import { testPythonClient } from './python-client.ts'

await testPythonClient('MLflow loads by its alias the model that it registered', {
  environment: 'mlflow',
  modules: ['test_mlflow'],
})
