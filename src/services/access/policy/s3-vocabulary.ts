// The actions and condition keys that S3 has for buckets and objects. As on AWS, the policy of a
// bucket that has others is refused: a name spelled wrongly would silently deny nothing.
// @see Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"
import { matchAction } from './match-pattern.ts'

const ACTIONS = words(`
  AbortMultipartUpload AllowVendedLogDeliveryForResource BypassGovernanceRetention
  CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket
  DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite DeleteObject
  DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionAnnotation
  DeleteObjectVersionTagging GetAccelerateConfiguration GetAnalyticsConfiguration
  GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
  GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
  GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
  GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
  GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
  GetLifecycleConfiguration GetMetricsConfiguration GetObject GetObjectAcl GetObjectAnnotation
  GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent
  GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
  GetObjectVersionAnnotationForReplication GetObjectVersionAttributes
  GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent
  GetReplicationConfiguration InitiateReplication ListBucket ListBucketMultipartUploads
  ListBucketVersions ListMultipartUploadParts ListObjectAnnotations
  ListObjectVersionAnnotations ListTagsForResource ObjectOwnerOverrideToBucketOwner
  PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac
  PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
  PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy
  PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning
  PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration
  PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutObject
  PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging
  PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging
  PutReplicationConfiguration ReplicateDelete ReplicateObject ReplicateObjectAnnotation
  ReplicateTags RestoreObject TagResource UntagResource
  UpdateBucketMetadataAnnotationTableConfiguration
  UpdateBucketMetadataInventoryTableConfiguration
  UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption
`)

const KEYS: ReadonlySet<string> = new Set(
  words(`
  AccessPointNetworkOrigin annotation-prefix authType DataAccessPointAccount
  DataAccessPointArn delimiter deliverySourceArn destinationRegion if-match if-none-match
  InventoryAccessibleOptionalFields isReplicationPauseRequest locationconstraint logType
  max-annotation-results max-keys object-lock-legal-hold object-lock-mode
  object-lock-remaining-retention-days object-lock-retain-until-date ObjectCreationOperation
  prefix RequestObjectTagKeys ResourceAccount resourceArnBeingAuthorized signatureAge
  signatureversion TlsVersion versionid x-amz-acl x-amz-bucket-namespace x-amz-content-sha256
  x-amz-copy-source x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp
  x-amz-grant-write x-amz-grant-write-acp x-amz-metadata-directive
  x-amz-object-annotation-directive x-amz-object-if-match x-amz-object-ownership
  x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id
  x-amz-server-side-encryption-customer-algorithm x-amz-storage-class
  x-amz-website-redirect-location
`).map((name) => `s3:${name.toLowerCase()}`),
)

/** Keys that end in the name of a tag. */
const TAG_KEYS = words('AccessPointTag BucketTag ExistingObjectTag RequestObjectTag').map(
  (name) => `s3:${name.toLowerCase()}/`,
)

/** Whether the pattern names an action of S3 for buckets or objects. */
export function namesS3Action(pattern: string): boolean {
  return ACTIONS.some((name) => matchAction(pattern, `s3:${name}`))
}

/** Whether S3 has the key, which is given in lower case. */
export function isS3Key(key: string): boolean {
  return KEYS.has(key) || TAG_KEYS.some((prefix) => key.startsWith(prefix) && key !== prefix)
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
