import { expect, test } from 'vitest';
import { checkChannel, checkOpcuaCertificate, type OpcuaCertificate } from '../../../../src/cli/doctor/opcua.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 30);

function certificate(days: number, more: Partial<OpcuaCertificate> = {}): OpcuaCertificate {
  return {
    store: 'own',
    file: '/journal/opcua/client/own/certs/weir.pem',
    subject: 'CN=Weir',
    thumbprint: 'AB'.repeat(20),
    side: 'client',
    validTo: now + days * DAY,
    now,
    ...more,
  };
}

test.each([
  [31, undefined],
  [29, 'advice'],
  [6, 'warning'],
  [0.5, 'critical'],
  [-1, 'critical'],
])('a certificate that ends in %d days', (days, severity) => {
  expect(checkOpcuaCertificate(certificate(days))[0]?.severity).toBe(severity);
});

test('our own is renewed by a command, that of a server by its owner; what was replaced or rejected may end', () => {
  expect(checkOpcuaCertificate(certificate(3))).toMatchObject([
    { todo: expect.stringContaining('weir opcua renew client') as string },
  ]);
  expect(checkOpcuaCertificate(certificate(3, { store: 'trusted', subject: 'CN=press' }))).toMatchObject([
    {
      what: expect.stringContaining('CN=press') as string,
      todo: expect.stringContaining('weir opcua trust') as string,
    },
  ]);
  expect(checkOpcuaCertificate(certificate(3, { store: 'rejected' }))).toEqual([]);
  expect(checkOpcuaCertificate(certificate(3, { file: '/x/weir.previous.pem' }))).toEqual([]);
});

test('a channel without protection is told with its reason', () => {
  expect(checkChannel('connection plant', { policy: 'Basic256Sha256' })).toEqual([]);
  expect(checkChannel('connection plant', { policy: 'None', allowInsecure: 'an old controller' })).toMatchObject([
    { severity: 'warning', why: expect.stringContaining('an old controller') as string },
  ]);
});
