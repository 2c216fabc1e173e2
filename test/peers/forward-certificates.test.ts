import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import { Authority, type Certificate } from '../support/certificates.ts';
import { expectLedger } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The system's clock, but a minute of waiting is over at once. */
const hurried: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds >= 60_000 ? 50 : milliseconds, signal),
};

testWith(
  ['mosquitto', 'openssl'],
  'a certificate that is renewed on disk is taken up without losing a message, and its end announced',
  async () => {
    await using folder = await temporaryFolder();
    const authority = new Authority(folder.path);
    const path = (name: string): string => join(folder.path, name);
    const { certificate, key } = authority.issue('IP:127.0.0.1');
    const plain = await freePort();
    await using broker = await startMosquitto({
      settings: [
        'certfile {folder}/broker.pem',
        'keyfile {folder}/broker.key',
        'cafile {folder}/ca.pem',
        'require_certificate true',
        'use_identity_as_username true',
        `listener ${plain} 127.0.0.1`,
      ],
      files: { 'broker.pem': certificate, 'broker.key': key, 'ca.pem': authority.certificate },
    });
    await using recipient = await new Recipient().subscribe(`mqtt://127.0.0.1:${plain}`);
    const put = async (name: string, text: string): Promise<void> => {
      await writeFile(path(`${name}.new`), text, { mode: 0o600 });
      await rename(path(`${name}.new`), path(name));
    };
    const install = async (own: Certificate): Promise<void> => {
      await put('own.pem', own.certificate);
      await put('own.key', own.key);
    };
    await put('ca.pem', authority.certificate);
    await install(authority.issue('DNS:harbour-07', 5));
    await using forwarding = await openForwarding();
    const tls = { ca: path('ca.pem'), certificate: path('own.pem'), key: { file: path('own.key') } };
    await forwarding.deliver([destinationAt(`mqtts://127.0.0.1:${broker.port}`, { tls })], { clock: hurried });
    await forwarding.reported('destination-up');
    expect(await forwarding.reported('certificate-expiring')).toMatchObject({ whose: 'our certificate', days: 5 });
    await forwarding.record(500);
    const renewed = authority.issue('DNS:harbour-07-renewed', 90);
    await put('own.pem', renewed.certificate);
    await forwarding.record(500); // between the two files nothing happens
    await put('own.key', renewed.key);
    await forwarding.reported('certificate-renewed');
    await forwarding.record(500);
    await forwarding.reported('destination-up', 2);
    await expect.poll(() => forwarding.status()).toMatchObject({ pending: 0, delivered: 1500 });
    await recipient.untilCovered(1500);
    await expectLedger(recipient, forwarding.journal);
    expect(recipient.repeats).toBe(0);
    expect(forwarding.told.map(({ event }) => event)).not.toContain('destination-lost');
    expect(broker.log.join('\n')).toContain("u'DNS harbour-07-renewed'");
  },
);
