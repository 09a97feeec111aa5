// The table that S3's dispatch ends in: all that AWS has, and what of it Coffer has.
import type { OperationShape, ResourceKind, S3Operation } from './operation.ts'
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts'
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts'
import { copyObject } from './operations/copy-object.ts'
import { createBucket } from './operations/create-bucket.ts'
import { createMultipartUpload } from './operations/create-multipart-upload.ts'
import { deleteBucket } from './operations/delete-bucket.ts'
import { deleteBucketCors } from './operations/delete-bucket-cors.ts'
import { deleteBucketOwnershipControls } from './operations/delete-bucket-ownership-controls.ts'
import { deleteBucketPolicy } from './operations/delete-bucket-policy.ts'
import { deleteObject } from './operations/delete-object.ts'
import { deleteObjectTagging } from './operations/delete-object-tagging.ts'
import { deleteObjects } from './operations/delete-objects.ts'
import { deletePublicAccessBlock } from './operations/delete-public-access-block.ts'
import { getBucketCors } from './operations/get-bucket-cors.ts'
import { getBucketLocation } from './operations/get-bucket-location.ts'
import { getBucketOwnershipControls } from './operations/get-bucket-ownership-controls.ts'
import { getBucketPolicy } from './operations/get-bucket-policy.ts'
import { getBucketPolicyStatus } from './operations/get-bucket-policy-status.ts'
import { getBucketVersioning } from './operations/get-bucket-versioning.ts'
import { getObject } from './operations/get-object.ts'
import { getObjectAttributes } from './operations/get-object-attributes.ts'
import { getObjectLegalHold } from './operations/get-object-legal-hold.ts'
import { getObjectLockConfiguration } from './operations/get-object-lock-configuration.ts'
import { getObjectRetention } from './operations/get-object-retention.ts'
import { getObjectTagging } from './operations/get-object-tagging.ts'
import { getPublicAccessBlock } from './operations/get-public-access-block.ts'
import { headBucket } from './operations/head-bucket.ts'
import { headObject } from './operations/head-object.ts'
import { listBuckets } from './operations/list-buckets.ts'
import { listMultipartUploads } from './operations/list-multipart-uploads.ts'
import { listObjectVersions } from './operations/list-object-versions.ts'
import { listObjects } from './operations/list-objects.ts'
import { listObjectsV2 } from './operations/list-objects-v2.ts'
import { listParts } from './operations/list-parts.ts'
import { putBucketCors } from './operations/put-bucket-cors.ts'
import { putBucketOwnershipControls } from './operations/put-bucket-ownership-controls.ts'
import { putBucketPolicy } from './operations/put-bucket-policy.ts'
import { putBucketVersioning } from './operations/put-bucket-versioning.ts'
import { putObject } from './operations/put-object.ts'
import { putObjectLegalHold } from './operations/put-object-legal-hold.ts'
import { putObjectLockConfiguration } from './operations/put-object-lock-configuration.ts'
import { putObjectRetention } from './operations/put-object-retention.ts'
import { putObjectTagging } from './operations/put-object-tagging.ts'
import { putPublicAccessBlock } from './operations/put-public-access-block.ts'
import { uploadPart } from './operations/upload-part.ts'
import { uploadPartCopy } from './operations/upload-part-copy.ts'

export const OPERATIONS: readonly S3Operation[] = [
  abortMultipartUpload,
  completeMultipartUpload,
  copyObject,
  createBucket,
  createMultipartUpload,
  deleteBucket,
  deleteBucketCors,
  deleteBucketOwnershipControls,
  deleteBucketPolicy,
  deleteObject,
  deleteObjectTagging,
  deleteObjects,
  deletePublicAccessBlock,
  getBucketCors,
  getBucketLocation,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketPolicyStatus,
  getBucketVersioning,
  getObject,
  getObjectAttributes,
  getObjectLegalHold,
  getObjectLockConfiguration,
  getObjectRetention,
  getObjectTagging,
  getPublicAccessBlock,
  headBucket,
  headObject,
  listBuckets,
  listMultipartUploads,
  listObjectVersions,
  listObjects,
  listObjectsV2,
  listParts,
  putBucketCors,
  putBucketOwnershipControls,
  putBucketPolicy,
  putBucketVersioning,
  putObject,
  putObjectLegalHold,
  putObjectLockConfiguration,
  putObjectRetention,
  putObjectTagging,
  putPublicAccessBlock,
  uploadPart,
  uploadPartCopy,
]

/**
 * What Coffer has not yet. A request for one of these answers NotImplemented and never falls
 * through to a plainer operation. Whoever implements one moves it to operations/.
 * @see S3 API Reference, Actions
 */
export const NOT_IMPLEMENTED: readonly OperationShape[] = [
  ...shapesOn('bucket', [
    ['CreateBucketMetadataConfiguration', 'POST', '?metadataConfiguration'],
    ['CreateBucketMetadataTableConfiguration', 'POST', '?metadataTable'],
    ['CreateSession', 'GET', '?session'],
    ['DeleteBucketAnalyticsConfiguration', 'DELETE', '?analytics'],
    ['DeleteBucketEncryption', 'DELETE', '?encryption'],
    ['DeleteBucketIntelligentTieringConfiguration', 'DELETE', '?intelligent-tiering'],
    ['DeleteBucketInventoryConfiguration', 'DELETE', '?inventory'],
    ['DeleteBucketLifecycle', 'DELETE', '?lifecycle'],
    ['DeleteBucketMetadataConfiguration', 'DELETE', '?metadataConfiguration'],
    ['DeleteBucketMetadataTableConfiguration', 'DELETE', '?metadataTable'],
    ['DeleteBucketMetricsConfiguration', 'DELETE', '?metrics'],
    ['DeleteBucketReplication', 'DELETE', '?replication'],
    ['DeleteBucketTagging', 'DELETE', '?tagging'],
    ['DeleteBucketWebsite', 'DELETE', '?website'],
    ['GetBucketAbac', 'GET', '?abac'],
    ['GetBucketAccelerateConfiguration', 'GET', '?accelerate'],
    ['GetBucketAcl', 'GET', '?acl'],
    ['GetBucketAnalyticsConfiguration', 'GET', '?analytics'],
    ['GetBucketEncryption', 'GET', '?encryption'],
    ['GetBucketIntelligentTieringConfiguration', 'GET', '?intelligent-tiering'],
    ['GetBucketInventoryConfiguration', 'GET', '?inventory'],
    ['GetBucketLifecycleConfiguration', 'GET', '?lifecycle'],
    ['GetBucketLogging', 'GET', '?logging'],
    ['GetBucketMetadataConfiguration', 'GET', '?metadataConfiguration'],
    ['GetBucketMetadataTableConfiguration', 'GET', '?metadataTable'],
    ['GetBucketMetricsConfiguration', 'GET', '?metrics'],
    ['GetBucketNotificationConfiguration', 'GET', '?notification'],
    ['GetBucketReplication', 'GET', '?replication'],
    ['GetBucketRequestPayment', 'GET', '?requestPayment'],
    ['GetBucketTagging', 'GET', '?tagging'],
    ['GetBucketWebsite', 'GET', '?website'],
    ['PostObject', 'POST'],
    ['PutBucketAbac', 'PUT', '?abac'],
    ['PutBucketAccelerateConfiguration', 'PUT', '?accelerate'],
    ['PutBucketAcl', 'PUT', '?acl'],
    ['PutBucketAnalyticsConfiguration', 'PUT', '?analytics'],
    ['PutBucketEncryption', 'PUT', '?encryption'],
    ['PutBucketIntelligentTieringConfiguration', 'PUT', '?intelligent-tiering'],
    ['PutBucketInventoryConfiguration', 'PUT', '?inventory'],
    ['PutBucketLifecycleConfiguration', 'PUT', '?lifecycle'],
    ['PutBucketLogging', 'PUT', '?logging'],
    ['PutBucketMetricsConfiguration', 'PUT', '?metrics'],
    ['PutBucketNotificationConfiguration', 'PUT', '?notification'],
    ['PutBucketReplication', 'PUT', '?replication'],
    ['PutBucketRequestPayment', 'PUT', '?requestPayment'],
    ['PutBucketTagging', 'PUT', '?tagging'],
    ['PutBucketWebsite', 'PUT', '?website'],
    ['UpdateBucketMetadataAnnotationTableConfiguration', 'PUT', '?metadataAnnotationTable'],
    ['UpdateBucketMetadataInventoryTableConfiguration', 'PUT', '?metadataInventoryTable'],
    ['UpdateBucketMetadataJournalTableConfiguration', 'PUT', '?metadataJournalTable'],
  ]),
  ...shapesOn('object', [
    ['DeleteObjectAnnotation', 'DELETE', '?annotation'],
    ['GetObjectAcl', 'GET', '?acl'],
    ['GetObjectAnnotation', 'GET', '?annotation'],
    ['GetObjectTorrent', 'GET', '?torrent'],
    ['PutObjectAcl', 'PUT', '?acl'],
    ['PutObjectAnnotation', 'PUT', '?annotation'],
    ['RenameObject', 'PUT', '?renameObject'],
    ['RestoreObject', 'POST', '?restore'],
    ['SelectObjectContent', 'POST', '?select'],
    ['UpdateObjectEncryption', 'PUT', '?encryption'],
  ]),
]

type Line = readonly [
  name: string,
  method: OperationShape['method'],
  ...selectors: readonly string[],
]

function shapesOn(on: ResourceKind, lines: readonly Line[]): readonly OperationShape[] {
  return lines.map(([name, method, ...selectors]) => ({ name, method, on, selectors }))
}
