import type { Finding } from './finding.ts';

export type SecretFacts = {
  /** Whose secret it is: `destination city`. */
  readonly subject: string;
  readonly file: string;
  /** Permission bits; undefined where the file is not there, or this user may not even see it. */
  readonly mode: number | undefined;
  readonly trouble: 'missing' | 'hidden' | undefined;
};

const OTHERS = 0o077;

export function checkSecret({ subject, file, mode, trouble }: SecretFacts): readonly Finding[] {
  if (trouble === 'missing') {
    const why = 'the gateway does not start without it';
    const todo = 'put it there, readable for the user of the gateway only';
    return [{ severity: 'critical', subject, what: `the secret ${file} does not exist`, why, todo }];
  }
  if (trouble === 'hidden') {
    const why = 'this user may not look into its folder';
    const todo = 'ask as the user of the gateway, as in `sudo -u weir weir doctor`';
    return [{ severity: 'advice', subject, what: `the secret ${file} could not be looked at`, why, todo }];
  }
  if (mode === undefined || (mode & OTHERS) === 0) return [];
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  const what = `the secret ${file} can be read by others (mode ${permissions})`;
  const why = 'the gateway refuses such a file, and does not start';
  return [{ severity: 'critical', subject, what, why, todo: `\`chmod 600 ${file}\`, and change the secret` }];
}
