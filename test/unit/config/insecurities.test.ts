import { expect, test } from 'vitest';
import { checkTags } from '../../../src/cli/doctor/certificates.ts';
import { insecurities } from '../../../src/config/insecurities.ts';
import type { Configuration } from '../../../src/config/configuration.ts';

const secret = { file: '/etc/weir/key' };

/** What is insecure of a configuration with one connection and one device. */
function found(connection: object, device: object = {}): readonly unknown[] {
  const configuration = {
    connections: [{ id: 'port', settings: connection }],
    devices: [{ id: 'meter', settings: device }],
    destinations: [],
    servers: [],
  };
  return insecurities(configuration as unknown as Configuration);
}

const reason = '`verify: false` takes telegrams that anybody could have sent';

test('a meter whose keys only decrypt is insecure, on its connection or as a device, and doctor says what to do', () => {
  expect(found({ key: secret, verify: false })).toEqual([{ of: 'connection port', reason }]);
  expect(found({}, { keys: { encryption: secret }, verify: false })).toEqual([{ of: 'device meter', reason }]);
  expect(checkTags('device meter', { keys: { encryption: secret }, verify: false })).toMatchObject([
    { severity: 'warning', subject: 'device meter', todo: expect.stringContaining('remove `verify: false`') },
  ]);
});

test('one whose tags are verified is not, nor one that encrypts nothing', () => {
  expect(found({ key: secret, verify: true }, { keys: { encryption: secret }, verify: true })).toEqual([]);
  expect(found({ verify: false }, { verify: false })).toEqual([]);
  expect(checkTags('connection port', { key: secret, verify: true })).toEqual([]);
});

test('a reason for insecurity is told where it is written', () => {
  expect(found({ security: { policy: 'None', allowInsecure: 'an old controller' } })).toEqual([
    { of: 'connection port', reason: 'an old controller' },
  ]);
});
