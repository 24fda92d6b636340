import type { S3Spec } from '../../../../shared/spec.ts';

/** One statement of an IAM policy. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** An IAM policy document, to be printed as JSON. */
export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyOptions {
  /** Also what `enableVersioning` needs. Best left to the administrator: it also allows to suspend versioning. */
  readonly versioning?: boolean;
}

/**
 * The least that a user needs for a store. It allows to delete no version: whoever has the keys cannot destroy what is
 * stored. (Without it Strongroom cannot take back a version that it wrote with damaged bytes; it is superseded instead.)
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function iamPolicy(spec: S3Spec, options: PolicyOptions = {}): IamPolicy {
  const bucket = `arn:${partitionOf(spec.region)}:s3:::${spec.bucket}`;
  // A * or ? of the prefix would stand for anything: a policy variable stands for the character.
  const root = spec.prefix === '' ? '' : `${spec.prefix.replace(/[*?$]/g, (character) => `\${${character}}`)}/`;
  const objects = [`${bucket}/${root}files/*`, `${bucket}/${root}strongroom/*`];
  const statements: PolicyStatement[] = [
    {
      Sid: 'Bucket',
      Effect: 'Allow',
      Action: [
        's3:GetBucketVersioning',
        's3:ListBucketMultipartUploads',
        ...(spec.lock === undefined ? [] : ['s3:GetBucketObjectLockConfiguration']),
        ...(options.versioning === true ? ['s3:PutBucketVersioning'] : []),
      ],
      Resource: [bucket],
    },
    {
      // ListBucket also makes S3 answer 404 and not 403 for what is not there.
      Sid: 'List',
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: [bucket],
      ...(root === '' ? {} : { Condition: { StringLike: { 's3:prefix': [`${root}*`] } } }),
    },
    {
      Sid: 'Objects',
      Effect: 'Allow',
      Action: [
        's3:PutObject',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
        ...(spec.lock === undefined ? [] : ['s3:PutObjectRetention']),
      ],
      Resource: objects,
    },
  ];
  const key = encryptionKey(spec);
  if (key !== undefined) {
    statements.push({
      Sid: 'EncryptionKey',
      Effect: 'Allow',
      // Decrypt is needed to put the parts of a large object together, too.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: [key],
    });
  }
  return { Version: '2012-10-17', Statement: statements };
}

/** The KMS key that objects are encrypted with; for the bucket's default key, which only the bucket knows, all. */
function encryptionKey(spec: S3Spec): string | undefined {
  const { encryption } = spec;
  if (encryption === undefined || encryption === 's3') return undefined;
  if (encryption === 'kms') return '*';
  if (encryption.startsWith('arn:')) return encryption;
  return `arn:${partitionOf(spec.region)}:kms:${spec.region ?? '*'}:*:key/${encryption}`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string | undefined): string {
  if (region?.startsWith('cn-') === true) return 'aws-cn';
  return region?.startsWith('us-gov-') === true ? 'aws-us-gov' : 'aws';
}
