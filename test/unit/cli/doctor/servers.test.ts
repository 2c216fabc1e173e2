import { expect, test } from 'vitest';
import { checkServer, type ServerFacts } from '../../../../src/cli/doctor/servers.ts';
import type { ServerStatus } from '../../../../src/model/status.ts';
import { briefly } from '../../../support/findings.ts';
import { playedStatus } from '../../../support/played-gateway.ts';

const now = Date.UTC(2026, 10, 22, 9, 3, 12);
const [up, lost] = playedStatus.servers as [ServerStatus, ServerStatus];
const well: ServerFacts = { name: 'scada', host: '192.0.2.20', insecure: undefined, status: up, now };

test('a server that listens to clients who prove who they are is fine, and so is one whose gateway does not run', () => {
  expect(checkServer(well)).toEqual([]);
  expect(checkServer({ ...well, status: undefined })).toEqual([]);
});

test.each([
  ['that is down', { status: lost }, 'critical server scada: down for 3m12s: listen EADDRINUSE 192.0.2.20:4841'],
  [
    'that lets everybody in',
    { insecure: 'the lift controller of 2009' },
    'warning server scada: is insecure, because: the lift controller of 2009',
  ],
  [
    'that lets everybody on this machine in',
    { insecure: 'a test bench', host: '127.0.0.1' },
    'advice server scada: is insecure, because: a test bench',
  ],
])('a server %s', (_what, facts, expected) => {
  expect(checkServer({ ...well, ...facts }).map(briefly)).toEqual([expected]);
});
