import type { Finding } from '../../src/cli/doctor/finding.ts';

/** `critical journal: /var/lib/weir is on tmpfs` */
export function briefly({ severity, subject, what }: Finding): string {
  return `${severity} ${subject}: ${what}`;
}
