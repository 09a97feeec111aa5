// Settings of buckets that AWS has and Coffer does not carry out yet. To ask is to hear that
// nothing is configured, to delete that nothing is left; whatever would configure it is refused.
import { xmlText } from '../../../base/xml.ts'
import { findParameter } from '../../http/query.ts'
import type { HttpResponse } from '../../http/response.ts'
import { emptyAnswer, xmlAnswer } from '../answer.ts'
import { notImplemented, S3Error } from '../errors.ts'
import { onBucket, type S3Operation, type S3Request } from '../operation.ts'

type Setting = {
  readonly selector: string
  /** Their names, from which the methods follow, and the rights that they need. */
  readonly operations: readonly (readonly [name: string, action: string])[]
  /** What those who ask are told. */
  readonly answer: Answer
  /** What the request without `id` is called, of settings that a bucket has several of. */
  readonly list?: string
}

type Answer = (request: S3Request) => HttpResponse

/** @see S3 API Reference, Actions, for names, rights and what AWS answers */
const SETTINGS: readonly Setting[] = [
  {
    selector: '?abac',
    operations: [
      ['GetBucketAbac', 's3:GetBucketAbac'],
      ['PutBucketAbac', 's3:PutBucketAbac'],
    ],
    answer: () => xmlAnswer('AbacStatus', [xmlText('Status', 'Disabled')]),
  },
  {
    selector: '?accelerate',
    operations: [
      ['GetBucketAccelerateConfiguration', 's3:GetAccelerateConfiguration'],
      ['PutBucketAccelerateConfiguration', 's3:PutAccelerateConfiguration'],
    ],
    answer: () => xmlAnswer('AccelerateConfiguration', []),
  },
  {
    selector: '?analytics',
    operations: [
      ['GetBucketAnalyticsConfiguration', 's3:GetAnalyticsConfiguration'],
      ['PutBucketAnalyticsConfiguration', 's3:PutAnalyticsConfiguration'],
      ['DeleteBucketAnalyticsConfiguration', 's3:PutAnalyticsConfiguration'],
    ],
    answer: noneOf('ListBucketAnalyticsConfigurationResult'),
    list: 'ListBucketAnalyticsConfigurations',
  },
  {
    selector: '?encryption',
    operations: [
      ['GetBucketEncryption', 's3:GetEncryptionConfiguration'],
      ['PutBucketEncryption', 's3:PutEncryptionConfiguration'],
      ['DeleteBucketEncryption', 's3:PutEncryptionConfiguration'],
    ],
    answer: missing('NoEncryptionConfiguration'),
  },
  {
    selector: '?intelligent-tiering',
    operations: [
      ['GetBucketIntelligentTieringConfiguration', 's3:GetIntelligentTieringConfiguration'],
      ['PutBucketIntelligentTieringConfiguration', 's3:PutIntelligentTieringConfiguration'],
      ['DeleteBucketIntelligentTieringConfiguration', 's3:PutIntelligentTieringConfiguration'],
    ],
    answer: noneOf('ListBucketIntelligentTieringConfigurationsOutput'),
    list: 'ListBucketIntelligentTieringConfigurations',
  },
  {
    selector: '?inventory',
    operations: [
      ['GetBucketInventoryConfiguration', 's3:GetInventoryConfiguration'],
      ['PutBucketInventoryConfiguration', 's3:PutInventoryConfiguration'],
      ['DeleteBucketInventoryConfiguration', 's3:PutInventoryConfiguration'],
    ],
    answer: noneOf('ListInventoryConfigurationsResult'),
    list: 'ListBucketInventoryConfigurations',
  },
  {
    selector: '?lifecycle',
    operations: [
      ['GetBucketLifecycleConfiguration', 's3:GetLifecycleConfiguration'],
      ['PutBucketLifecycleConfiguration', 's3:PutLifecycleConfiguration'],
      ['DeleteBucketLifecycle', 's3:PutLifecycleConfiguration'],
    ],
    answer: missing('NoLifecycleConfiguration'),
  },
  {
    selector: '?logging',
    operations: [
      ['GetBucketLogging', 's3:GetBucketLogging'],
      ['PutBucketLogging', 's3:PutBucketLogging'],
    ],
    answer: () => xmlAnswer('BucketLoggingStatus', []),
  },
  {
    selector: '?metadataConfiguration',
    operations: [
      ['GetBucketMetadataConfiguration', 's3:GetBucketMetadataTableConfiguration'],
      ['CreateBucketMetadataConfiguration', 's3:CreateBucketMetadataTableConfiguration'],
      ['DeleteBucketMetadataConfiguration', 's3:DeleteBucketMetadataTableConfiguration'],
    ],
    answer: missing('NoMetadataConfiguration'),
  },
  {
    selector: '?metadataTable',
    operations: [
      ['GetBucketMetadataTableConfiguration', 's3:GetBucketMetadataTableConfiguration'],
      ['CreateBucketMetadataTableConfiguration', 's3:CreateBucketMetadataTableConfiguration'],
      ['DeleteBucketMetadataTableConfiguration', 's3:DeleteBucketMetadataTableConfiguration'],
    ],
    answer: missing('NoMetadataConfiguration'),
  },
  {
    selector: '?metrics',
    operations: [
      ['GetBucketMetricsConfiguration', 's3:GetMetricsConfiguration'],
      ['PutBucketMetricsConfiguration', 's3:PutMetricsConfiguration'],
      ['DeleteBucketMetricsConfiguration', 's3:PutMetricsConfiguration'],
    ],
    answer: noneOf('ListMetricsConfigurationsResult'),
    list: 'ListBucketMetricsConfigurations',
  },
  {
    selector: '?notification',
    operations: [
      ['GetBucketNotificationConfiguration', 's3:GetBucketNotification'],
      ['PutBucketNotificationConfiguration', 's3:PutBucketNotification'],
    ],
    answer: () => xmlAnswer('NotificationConfiguration', []),
  },
  {
    selector: '?replication',
    operations: [
      ['GetBucketReplication', 's3:GetReplicationConfiguration'],
      ['PutBucketReplication', 's3:PutReplicationConfiguration'],
      ['DeleteBucketReplication', 's3:PutReplicationConfiguration'],
    ],
    answer: missing('NoReplicationConfiguration'),
  },
  {
    selector: '?website',
    operations: [
      ['GetBucketWebsite', 's3:GetBucketWebsite'],
      ['PutBucketWebsite', 's3:PutBucketWebsite'],
      ['DeleteBucketWebsite', 's3:DeleteBucketWebsite'],
    ],
    answer: missing('NoWebsiteConfiguration'),
  },
]

/** All operations of these settings. */
export const UNCONFIGURED: readonly S3Operation[] = SETTINGS.flatMap((setting) =>
  setting.operations.map(([name, action]) => operationOf(setting, { name, action })),
)

function operationOf(
  setting: Setting,
  { name, action }: { readonly name: string; readonly action: string },
): S3Operation {
  const method = methodOf(name)
  const answer = answerOf(setting, { name, method })
  return {
    name,
    method,
    on: 'bucket',
    selectors: [setting.selector],
    support: method === 'GET' || method === 'DELETE' ? 'partly' : 'no',
    ...(method === 'GET' && setting.list !== undefined && { includes: [setting.list] }),
    access: (call) => [onBucket(action, call)],
    async run(request, storage) {
      await storage.buckets.get(request.bucket)
      return answer(request)
    },
  }
}

function methodOf(name: string): 'GET' | 'PUT' | 'POST' | 'DELETE' {
  if (name.startsWith('Get')) return 'GET'
  if (name.startsWith('Delete')) return 'DELETE'
  return name.startsWith('Create') ? 'POST' : 'PUT'
}

function answerOf(
  setting: Setting,
  { name, method }: Pick<S3Operation, 'name' | 'method'>,
): Answer {
  if (method === 'GET') return setting.answer
  if (method !== 'DELETE') {
    return () => {
      throw notImplemented(name)
    }
  }
  return setting.list === undefined ? () => emptyAnswer(204) : missing('NoSuchDocument')
}

function missing(code: S3Error['code']): Answer {
  return ({ bucket }) => {
    throw new S3Error(code, { fields: { BucketName: bucket } })
  }
}

/** Of what a bucket may have several of, one is missing and the list is empty. */
function noneOf(root: string): Answer {
  const refuse = missing('NoSuchDocument')
  return (request) => {
    if (findParameter(request.query, 'id') !== undefined) return refuse(request)
    return xmlAnswer(root, [xmlText('IsTruncated', false)])
  }
}
