import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCertificate, checkVerification, type CertificateFacts } from '../../../../src/cli/doctor/certificates.ts';
import { checkDestination, type DestinationFacts } from '../../../../src/cli/doctor/destinations.ts';
import { lookAtCertificates, type Credentials } from '../../../../src/cli/doctor/files.ts';
import { checkSecret } from '../../../../src/cli/doctor/secrets.ts';
import type { DestinationStatus } from '../../../../src/model/status.ts';
import { Authority } from '../../../support/certificates.ts';
import { briefly } from '../../../support/findings.ts';
import { describeWith } from '../../../support/peers.ts';
import { playedStatus } from '../../../support/played-gateway.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const now = Date.UTC(2026, 10, 22, 9, 3, 12);
const [connected, lost] = playedStatus.destinations as [DestinationStatus, DestinationStatus];

describe('a destination', () => {
  const well: DestinationFacts = {
    name: 'city',
    url: 'mqtts://broker.example:8883',
    hasPassword: true,
    status: connected,
    now,
  };

  test('is fine while it is connected and encrypted, or on this machine', () => {
    expect(checkDestination(well)).toEqual([]);
    expect(checkDestination({ ...well, status: undefined })).toEqual([]);
    expect(checkDestination({ ...well, url: 'mqtt://127.0.0.1:1883' })).toEqual([]);
    expect(checkDestination({ ...well, url: 'mqtt://localhost' })).toEqual([]);
  });

  test.each([
    ['that is lost', { status: lost }, 'critical destination city: lost for 3m12s: getaddrinfo ENOTFOUND city.example'],
    [
      'with a long backlog',
      { status: { ...connected, backlog: 123_456 } },
      'advice destination city: 123 456 readings are still on their way',
    ],
    [
      'that gets a password in plain text',
      { url: 'mqtt://broker.example:1883' },
      'warning destination city: the password travels in plain text',
    ],
    [
      'that gets readings in plain text',
      { url: 'mqtt://broker.example:1883', hasPassword: false },
      'advice destination city: readings travel in plain text',
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkDestination({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });
});

describe('a secret', () => {
  const file = '/etc/weir/city.password';
  const secret = { subject: 'destination city', file, mode: 0o600, trouble: undefined };

  test('is fine when only its user can read it', () => {
    expect(checkSecret(secret)).toEqual([]);
    expect(checkSecret({ ...secret, mode: 0o400 })).toEqual([]);
  });

  test.each([
    [
      'that others can read',
      { mode: 0o640 },
      `critical destination city: the secret ${file} can be read by others (mode 0640)`,
    ],
    [
      'that is missing',
      { mode: undefined, trouble: 'missing' as const },
      `critical destination city: the secret ${file} does not exist`,
    ],
    [
      'that this user may not see',
      { mode: undefined, trouble: 'hidden' as const },
      `advice destination city: the secret ${file} could not be looked at`,
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkSecret({ ...secret, ...facts }).map(briefly)).toEqual([finding]);
  });
});

const until = (to: number): Partial<CertificateFacts> => ({ validity: { from: 0, to } });

describe('a certificate', () => {
  const DAY = 86_400_000;
  const well: CertificateFacts = {
    subject: 'destination city',
    role: 'certificate',
    file: '/etc/weir/gw.pem',
    now,
    validity: { from: now - DAY, to: now + 31 * DAY },
    fitsKey: true,
  };
  const own = 'destination city: the certificate of this gateway, /etc/weir/gw.pem,';

  test('is fine with more than a month to go', () => {
    expect(checkCertificate(well)).toEqual([]);
    expect(checkCertificate({ ...well, fitsKey: undefined })).toEqual([]);
  });

  test.each([
    ['that ends within a month', until(now + 30 * DAY), `advice ${own} expires in 30d`],
    ['that ends within a week', until(now + 7 * DAY), `warning ${own} expires in 7d`],
    ['that ends within a day', until(now + DAY / 2), `critical ${own} expires in 12h`],
    ['that has ended', until(now - 2 * DAY), `critical ${own} expired 2d ago`],
    [
      'that has not begun',
      { validity: { from: now + DAY, to: now + 400 * DAY } },
      `critical ${own} is not valid before 2026-11-23`,
    ],
    [
      'that cannot be read',
      { validity: 'it holds no certificate' },
      `critical ${own} cannot be used: it holds no certificate`,
    ],
    [
      'with the key of another',
      { fitsKey: false },
      'critical destination city: /etc/weir/gw.pem and tls.key do not belong together',
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkCertificate({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });
});

test('a far end that could be anybody is told, with the reason that is given', () => {
  expect(checkVerification('connection plant', undefined)).toEqual([]);
  const [found] = checkVerification('connection plant', 'test rig');
  expect(found && briefly(found)).toBe('warning connection plant: the certificate of the far end is not verified');
  expect(found?.why).toContain('test rig');
});

function theirs(tls: NonNullable<Credentials['tls']>): Credentials {
  return { subject: 'destination city', tls };
}

describeWith('openssl', 'certificates on disk', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = new Authority(folder.path);
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  test('a pair that belongs together is seen to, with the day on which the first of its chain ends', async () => {
    const own = authority.issue('DNS:gateway', 10);
    const certificate = await file('gw.pem', own.certificate + authority.certificate);
    const key = { file: await file('gw.key', own.key) };
    const [seen] = await lookAtCertificates(theirs({ certificate, key }), now);
    expect(seen).toMatchObject({ role: 'certificate', fitsKey: true });
    const days = typeof seen?.validity === 'object' ? (seen.validity.to - Date.now()) / 86_400_000 : NaN;
    expect(days).toBeGreaterThan(9);
    expect(days).toBeLessThan(11);
  });

  test('a collection of authorities is good as long as one of them is', async () => {
    const expired = authority.issue('DNS:old', -1);
    const ca = await file('ca.pem', expired.certificate + authority.certificate);
    const [seen] = await lookAtCertificates(theirs({ ca }), now);
    const days = typeof seen?.validity === 'object' ? (seen.validity.to - Date.now()) / 86_400_000 : NaN;
    expect(days).toBeGreaterThan(29);
  });

  test('the key of another is seen, a file without a certificate, and none at all', async () => {
    const own = authority.issue('DNS:gateway');
    const certificate = await file('gw2.pem', own.certificate);
    const key = { file: await file('other.key', authority.issue('DNS:other').key) };
    const ca = await file('empty.pem', 'nothing');
    const seen = await lookAtCertificates(theirs({ ca, certificate, key }), now);
    expect(seen).toMatchObject([{ role: 'ca', validity: 'it holds no certificate' }, { fitsKey: false }]);
    const [absent] = await lookAtCertificates(theirs({ ca: join(folder.path, 'absent.pem') }), now);
    expect(absent?.validity).toContain('ENOENT');
  });
});
