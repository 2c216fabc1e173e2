import { expect, test } from 'vitest';
import { CosemClient, type ClientSettings } from '../../drivers/dlms/client.ts';
import { HdlcLine } from '../../drivers/dlms/hdlc-line.ts';
import { HdlcLink } from '../../drivers/dlms/hdlc-link.ts';
import { clientAddress, serverAddress } from '../../drivers/dlms/hdlc-frame.ts';
import { DEFAULTS } from '../../drivers/dlms/hdlc-parameters.ts';
import { SecureChannel } from '../../drivers/dlms/secure-channel.ts';
import { WrapperLine, WrapperLink } from '../../drivers/dlms/wrapper-link.ts';
import type { Link } from '../../drivers/dlms/link.ts';
import { transcript, TranscriptWire } from '../support/dlms-transcript.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeWith } from '../support/peers.ts';

const never = new AbortController().signal;
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

// Bytes that the other client sent are ours only where we number our requests as it did: always by 1.
const sameNumbers: Pick<ClientSettings, 'invoke' | 'name'> = { name: 'meter', invoke: () => 1 };

const objectList = { classId: 15, name: '0-0:40.0.0', index: 2 };
const context = (clock: FakeClock) => ({
  clock,
  connection: 'line',
  observe: () => undefined,
  answered: () => undefined,
  tap: { listener: undefined },
});

function hdlc(name: string, client: number) {
  const wire = new TranscriptWire(transcript(name));
  const ends = { client: clientAddress(client), server: serverAddress(1, 0, 1) };
  const settings = { timeout: 1_000, retries: 0, proposal: DEFAULTS, name: 'meter' };
  return { wire, link: new HdlcLink(new HdlcLine(wire, context(new FakeClock())), ends, settings) };
}

function over(link: Link, more: Partial<ClientSettings> = {}): CosemClient {
  return new CosemClient(link, { ...sameNumbers, proof: { kind: 'none' }, ...more });
}

describeWith('fixtures', 'recorded conversations with a meter', () => {
  test.each([
    ['1_0_1_8_0_255_2', { classId: 3, name: '1-0:1.8.0', index: 2 }, { type: 'uint32', value: 123_456_789 }],
    [
      '1_0_16_7_0_255_3',
      { classId: 3, name: '1-0:16.7.0', index: 3 },
      {
        type: 'structure',
        items: [
          { type: 'int8', value: -1 },
          { type: 'enum', value: 27 },
        ],
      },
    ],
    [
      '0_0_42_0_0_255_2',
      { classId: 1, name: '0-0:42.0.0', index: 2 },
      { type: 'octets', bytes: Buffer.from('GRX0000000123456') },
    ],
  ])('%s is read over HDLC, its blocks and segments with it', async (name, attribute, data) => {
    const { wire, link } = hdlc(`hdlc_ln_none_${name}`, 16);
    const client = over(link);
    await link.connect(never);
    await client.associate(never);
    expect(await client.get(objectList, never)).toMatchObject({ data: { type: 'array' } });
    expect(await client.get(attribute, never)).toEqual({ data });
    await link.disconnect(never);
    expect([wire.surprise, wire.left]).toEqual([undefined, 0]);
  });

  test('a meter with short names is read by them', async () => {
    const { wire, link } = hdlc('hdlc_sn_none_1_0_1_8_0', 16);
    const client = over(link, { naming: 'short' });
    await link.connect(never);
    await client.associate(never);
    expect(await client.get({ classId: 3, name: '1-0:1.8.0', index: 2 }, never)).toEqual({
      data: { type: 'uint32', value: 123_456_789 },
    });
    await link.disconnect(never);
    expect([wire.surprise, wire.left]).toEqual([undefined, 0]);
  });

  test('all objects of a meter are listed, twice the same', async () => {
    const { wire, link } = hdlc('hdlc_ln_association_list', 16);
    const client = over(link);
    await link.connect(never);
    await client.associate(never);
    const first = await client.get(objectList, never);
    expect(first).toMatchObject({ data: { items: { length: 34 } } });
    expect(await client.get(objectList, never)).toEqual(first);
    expect(wire.surprise).toBeUndefined();
  });

  test('keys prove both sides, and what is read is encrypted', async () => {
    const { wire, link } = hdlc('hdlc_ln_gmac_encrypted_1_0_1_8_0', 1);
    let sent = -1;
    let heard = -1;
    const keys = {
      encryption: bytes('000102030405060708090a0b0c0d0e0f'),
      authentication: bytes('d0d1d2d3d4d5d6d7d8d9dadbdcdddedf'),
    };
    const channel = new SecureChannel(bytes('4775727578313233'), keys, {
      // The other client went on from whichever number it had sent or heard last.
      next: async () => (sent = Math.max(sent, heard) + 1),
      admit: (counter) => {
        const isNew = counter > heard;
        heard = counter;
        return isNew;
      },
    });
    const challenge = (): Buffer => bytes('e1449f92c0abd2caabb1c1de40bde7fb').subarray(0, 16);
    const client = over(link, { proof: { kind: 'hls5-gmac' }, channel, challenge });
    await link.connect(never);
    await client.associate(never);
    expect(await client.get(objectList, never)).toMatchObject({ data: { items: { length: 34 } } });
    expect(await client.get({ classId: 3, name: '1-0:1.8.0', index: 2 }, never)).toEqual({
      data: { type: 'uint32', value: 123_456_789 },
    });
    await client.release(never);
    await link.disconnect(never);
    expect([wire.surprise, wire.left]).toEqual([undefined, 0]);
  });

  test('a wrong password is named', async () => {
    const { wire, link } = hdlc('hdlc_ln_low_wrongpw', 17);
    const client = over(link, { proof: { kind: 'lls', password: Buffer.from('wrong') } });
    await link.connect(never);
    await expect(client.associate(never)).rejects.toMatchObject({
      code: 'access-refused',
      message: 'meter refuses the association: the password is wrong',
    });
    await link.disconnect(never);
    expect([wire.surprise, wire.left]).toEqual([undefined, 0]);
  });

  test('a password opens a meter that speaks through the wrapper', async () => {
    const wire = new TranscriptWire(transcript('wrapper_ln_low_1_0_1_8_1'));
    const line = new WrapperLine(wire, true, context(new FakeClock()));
    const link = new WrapperLink(line, { client: 17, server: 1 }, { timeout: 1_000, name: 'meter' });
    const client = over(link, { proof: { kind: 'lls', password: Buffer.from('Gurux') } });
    await client.associate(never);
    await client.get(objectList, never);
    expect(await client.get({ classId: 3, name: '1-0:1.8.1', index: 2 }, never)).toEqual({
      data: { type: 'uint64', value: 9_876_543_210_123 },
    });
    await client.release(never);
    expect([wire.surprise, wire.left]).toEqual([undefined, 0]);
  });
});
