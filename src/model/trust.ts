/** What somebody decided about the certificate of another application, as the audit log keeps it. */
export type TrustDecision = {
  readonly decision: 'trusted' | 'rejected';
  /** What we are to the other: a client of a server, or a server of a client. */
  readonly side: 'client' | 'server';
  /** `CN=press 4, O=Works`, as the certificate says. */
  readonly subject: string;
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
  /** Name of the user of this machine who decided. */
  readonly by: string;
};
