import type { S3Spec } from '../../../../shared/spec.ts';

/** Where the requests for a bucket go. */
export interface Target {
  readonly region: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly host: string;
  /** What comes before the key in the path, encoded: `/` or `/bucket/`. */
  readonly pathRoot: string;
}

/**
 * A server of its own is addressed path-style, which needs no DNS; AWS by virtual host, as it prefers, but for names
 * with dots, which the certificate does not cover.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function targetOf(spec: S3Spec, region: string): Target {
  const pathStyle = usesPathStyle(spec);
  const url = new URL(spec.endpoint ?? `https://${pathStyle ? '' : `${spec.bucket}.`}${awsHost(region)}`);
  const folder = url.pathname.replace(/\/+$/, '');
  return { region, origin: url.origin, host: url.host, pathRoot: `${folder}/${pathStyle ? `${spec.bucket}/` : ''}` };
}

export function usesPathStyle(spec: S3Spec): boolean {
  return spec.endpoint !== undefined || spec.bucket.includes('.');
}

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
function awsHost(region: string): string {
  return `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** The store as messages name it. */
export function placeOf(spec: S3Spec): string {
  return `bucket "${spec.bucket}" at ${spec.endpoint ?? 'Amazon S3'}`;
}
