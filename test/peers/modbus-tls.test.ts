import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect } from 'vitest';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { modbus as driver } from '../../drivers/modbus/driver.ts';
import { Authority, type Certificate } from '../support/certificates.ts';
import { listening, type Listening } from '../support/listening.ts';
import { modbusDevice, openModbus, shown } from '../support/modbus-session.ts';
import { describeWith, testWith } from '../support/peers.ts';
import { honestFrame } from '../support/played-modbus.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const meter = modbusDevice([{ read: 'holding 100', type: 'uint16' }], { unit: 3 });

/** A device that answers only whom its authority knows. */
function playSecured(own: Certificate, ca: string): Promise<Listening> {
  const options = { cert: own.certificate, key: own.key, ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (client) => {
    client.on('error', () => client.destroy());
    client.on('data', (bytes: Buffer) => {
      const asked = {
        transaction: bytes.readUInt16BE(0),
        unit: bytes.readUInt8(6),
        code: bytes.readUInt8(7),
        address: bytes.readUInt16BE(8),
        amount: bytes.readUInt16BE(10),
      };
      client.write(honestFrame(asked));
    });
  });
  return listening(server);
}

const insecurity = (settings: object): string | undefined =>
  driver.insecurity?.(connectionSchema.parse({ host: '127.0.0.1', ...settings }));

describeWith('openssl', 'Modbus/TCP Security', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = new Authority(folder.path);
    await writeFile(join(folder.path, 'ca.pem'), authority.certificate);
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  /** The settings of a gateway with a certificate by `issuer`, in files. */
  async function settingsOf(issuer: Authority, name: string) {
    const own = issuer.issue('DNS:gateway');
    await writeFile(join(folder.path, `${name}.pem`), own.certificate);
    await writeFile(join(folder.path, `${name}.key`), own.key, { mode: 0o600 });
    const file = (ending: string): string => join(folder.path, `${name}.${ending}`);
    return {
      transport: 'tls',
      tls: { ca: join(folder.path, 'ca.pem'), certificate: file('pem'), key: { file: file('key') } },
    };
  }

  testWith('openssl', 'values arrive where both sides have proved who they are', async () => {
    await using device = await playSecured(authority.issue('IP:127.0.0.1'), authority.certificate);
    await using modbus = await openModbus(device, [meter], { settings: await settingsOf(authority, 'known') });
    expect(shown(meter, await modbus.read(meter))).toEqual(['100 good 100']);
  });

  testWith('openssl', 'a device that need not prove who it is is read, and its connection says why', async () => {
    await using device = await playSecured(authority.issue('DNS:another'), authority.certificate);
    const reason = 'the meter makes its own certificate';
    const { transport, tls } = await settingsOf(authority, 'careless');
    const careless = { transport, tls: { ...tls, allowInsecure: reason } };
    await using modbus = await openModbus(device, [meter], { settings: careless });
    expect(shown(meter, await modbus.read(meter))).toEqual(['100 good 100']);
    expect([insecurity(careless), insecurity({ transport, tls })]).toEqual([reason, undefined]);
  });

  testWith('openssl', 'a device that is not who it should be is told by name, and never asked', async () => {
    await using device = await playSecured(authority.issue('DNS:another'), authority.certificate);
    const settings = await settingsOf(authority, 'asking');
    await expect(openModbus(device, [meter], { settings })).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining('another'),
    });
  });

  testWith('openssl', 'a device that does not know us gives no value', async () => {
    const stranger = new Authority(folder.path, 'stranger');
    await using device = await playSecured(authority.issue('IP:127.0.0.1'), authority.certificate);
    const settings = await settingsOf(stranger, 'unknown');
    // With TLS 1.3 the device judges after we have connected: the refusal comes in place of an answer.
    const read = async (): Promise<readonly string[]> => {
      await using modbus = await openModbus(device, [meter], { settings });
      return shown(meter, await modbus.read(meter));
    };
    const outcome = await read().catch((error: unknown) => String(error));
    expect(String(outcome)).not.toContain('good');
  });
});
