import type { EndingCertificate } from './status.ts';

/** How a gateway says that it is, from time to time: small, for whoever watches a thousand of them. Plain JSON. */
export type Health = {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly clock: string;
  readonly readingsPerSecond: number;
  /** How many there are, and the ids of those that are lost. */
  readonly connections: { readonly total: number; readonly lost: readonly string[] };
  readonly devices: { readonly total: number; readonly lost: readonly string[] };
  /** Those that end within 30 days. */
  readonly certificates: readonly EndingCertificate[];
  /** What is not verified because the configuration says so: `connection plant`, `destination city`. */
  readonly insecure: readonly string[];
  /** Newest sequence committed. */
  readonly last: number;
  /** The newest entry of the audit log: who keeps this can prove later that nothing before it was changed. */
  readonly audit: { readonly number: number; readonly hash: string; readonly error: string | null };
};
