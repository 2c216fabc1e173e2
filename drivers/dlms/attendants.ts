import { GatewayError } from '../../src/model/errors.ts';
import type { Attend, Mouth } from '../../src/wire/listen.ts';
import { withoutParity, withParity } from '../meter/seven-bits.ts';
import { BlockStation } from './block-station.ts';
import type { CosemServer } from './cosem-server.ts';
import { HdlcFramer } from './hdlc-framer.ts';
import { HdlcStation } from './hdlc-station.ts';
import type { DeviceSettings } from './schema.ts';
import { endsOf } from './way.ts';
import { unwrap, wrap } from './wrapper.ts';

/** A played meter at its address, and how it answers whoever begins to talk with it. */
export type Attended = { readonly settings: DeviceSettings; readonly begin: () => CosemServer };

/** Meters on a line of HDLC. */
export function hdlcAttendant(meters: readonly Attended[]): Attend {
  return (mouth) => {
    const framer = new HdlcFramer();
    const stations = meters.map((meter) => ({
      address: endsOf({ ...meter.settings, name: 'meter' }).server,
      // A secondary station says one thing at a time: with one block to a window there is no other.
      station: new HdlcStation(() => {
        const answer = answering(meter.begin());
        return async (apdu) => (await answer(apdu))[0];
      }),
    }));
    const inTurn = turns(mouth);
    return (bytes) => {
      for (const found of framer.push(bytes)) {
        if (found.kind !== 'frame') continue;
        const { frame } = found;
        const { station } = stations.find(({ address }) => address.equals(frame.destination)) ?? {};
        if (station !== undefined) inTurn(async () => [Buffer.concat(await station.answer(frame))]);
      }
    };
  };
}

// IEC 62056-21, 6.3: the sign-on, and what follows the ACK that chooses HDLC and a speed.
const SIGN_ON = /\/\?[^!]{0,32}!\r\n$/;
const HDLC_CHOSEN = /^2\d2\r\n$/;
const ACK = '\u0006';
const LONGEST_TEXT = 64;
const IDENTIFICATION = '/WIR5\\2PLAYED-METER\r\n';

/** The same at an optical head: they speak HDLC to whoever begins with it, and to whoever signs on first (mode E). */
export function opticalAttendant(meters: readonly Attended[]): Attend {
  const attend = hdlcAttendant(meters);
  return (mouth) => {
    const received = attend(mouth);
    const say = (text: string): void => mouth.send(withParity(Buffer.from(text, 'latin1')));
    let heard = '';
    return (bytes) => {
      heard = (heard + withoutParity(bytes).toString('latin1')).slice(-LONGEST_TEXT);
      const option = heard.slice(heard.lastIndexOf(ACK) + 1);
      if (HDLC_CHOSEN.test(option)) say(`${ACK}${option}`);
      else if (SIGN_ON.test(heard)) say(IDENTIFICATION);
      else return received(bytes);
      heard = '';
    };
  };
}

/** Meters behind the wrapper, each client with associations of its own. */
export function wrapperAttendant(meters: readonly Attended[]): Attend {
  return (mouth) => attendClient(begun(meters), mouth);
}

/** Meters behind the wrapper whose clients cannot be told apart, since a datagram has no connection. */
export function datagramAttendant(meters: readonly Attended[]): Attend {
  const servers = begun(meters);
  return (mouth) => attendClient(servers, mouth);
}

type Begun = readonly { readonly port: number; readonly answer: Answer }[];

type Answer = (apdu: Buffer) => Promise<readonly Buffer[]>;

function begun(meters: readonly Attended[]): Begun {
  return meters.map(({ settings, begin }) => ({ port: settings.server, answer: answering(begin()) }));
}

function attendClient(servers: Begun, mouth: Mouth): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  const inTurn = turns(mouth);
  return (bytes) => {
    const unwrapped = unwrap(Buffer.concat([rest, bytes]));
    rest = Buffer.from(unwrapped.rest);
    if (unwrapped.fault !== undefined) mouth.hangUp();
    for (const { source, destination, apdu } of unwrapped.packets) {
      const { answer } = servers.find(({ port }) => port === destination) ?? {};
      if (answer === undefined) continue;
      inTurn(async () =>
        (await answer(apdu)).map((reply) => wrap({ source: destination, destination: source, apdu: reply })),
      );
    }
  };
}

/** Says one thing after the other, in the order in which it was asked. */
function turns(mouth: Mouth): (say: () => Promise<readonly Buffer[]>) => void {
  let last: Promise<void> = Promise.resolve();
  return (say) => {
    last = last.then(say).then((parts) => {
      for (const bytes of parts) if (bytes.length > 0) mouth.send(bytes);
    });
  };
}

/** What makes no sense to a meter, it does not answer. */
function answering(server: CosemServer): Answer {
  const station = new BlockStation((apdu) => server.answer(apdu), { longest: () => server.longestWhole });
  return async (apdu) => {
    try {
      return await station.answer(apdu);
    } catch (error) {
      if (error instanceof GatewayError) return [];
      throw error;
    }
  };
}
