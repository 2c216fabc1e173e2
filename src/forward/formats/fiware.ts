import type { FiwareOptions } from '../../config/configuration.ts';
import { isoTime } from '../../model/clock.ts';
import type { Message } from '../destination.ts';
import type { Format, FormatSession } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { asciiJson } from './json-text.ts';
import {
  byDevice,
  frames,
  PieceEncoder,
  qualityText,
  type Piece,
  type PieceFormat,
  type SaidReading,
} from './pieces.ts';
import { silence } from './plain-session.ts';
import { unitName } from './unit-names.ts';

// FIWARE: measures for the IoT Agent for JSON, or fragments of NGSI-LD entities (ETSI GS CIM 009) for brokers behind MQTT.

export const fiwareFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'none', retained: [], births: false },
  session: ({ identity, options }) => {
    const settings = options.fiware ?? { apiKey: 'weir', form: 'iot-agent' };
    return session(settings.form === 'ngsi-ld' ? ngsiLd(identity.gateway) : iotAgent(identity.gateway, settings));
  },
};

type Form = PieceFormat & { readonly longestTopic: string };

function session(form: Form): FormatSession {
  return {
    ...silence,
    overhead: packetOverhead(form.longestTopic, {}),
    encoder: (_lane, lookup) => new PieceEncoder(form, lookup),
  };
}

const LONGEST_ID = 64;

/** Names of devices are those of the gateway alone; agents and brokers know the devices of all gateways. */
function deviceId(gateway: string, device: string): string {
  return `${gateway}-${device}`;
}

/** Topics `/json/<key>/<device>/attrs`, an array of measures each with its TimeInstant. */
function iotAgent(gateway: string, { apiKey }: FiwareOptions): Form {
  const topic = (device: string): string => `/json/${apiKey}/${deviceId(gateway, device)}/attrs`;
  return {
    longestTopic: topic('x'.repeat(LONGEST_ID)),
    piece: measure,
    around: 50,
    messages: (pieces) =>
      [...byDevice(pieces)].map(([device, own]) => {
        const measures = frames(own).map((frame) => `{${textOf(frame)},"TimeInstant":"${timeOf(frame)}"}`);
        return message(topic(device), `[${measures.join(',')}]`);
      }),
  };
}

function measure(reading: SaidReading): string {
  const { definition, value, kind, isNews } = reading;
  const safe = kind === 'text' && value !== undefined ? withoutForbidden(value) : value;
  const parts = [
    ...(safe === undefined ? [] : [`${asciiJson(definition.name)}:${safe}`]),
    ...(isNews ? [`${asciiJson(`${definition.name}_quality`)}:${asciiJson(qualityText(reading))}`] : []),
  ];
  return parts.join(',');
}

/** Orion refuses values with any of `< > " ' = ; ( )`: they travel in the escapes of urls. `text` is JSON. */
function withoutForbidden(text: string): string {
  const inner = text.slice(1, -1).replaceAll('\\"', '%22');
  return `"${inner.replace(/[<>'=;()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}"`;
}

const CONTEXT = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld';

/** Topics `ngsi-ld/<gateway>/<device>`, an array of entity fragments, one for each time. */
function ngsiLd(gateway: string): Form {
  return {
    longestTopic: `ngsi-ld/${gateway}/${'x'.repeat(LONGEST_ID)}`,
    piece: property,
    around: 260,
    messages: (pieces) =>
      [...byDevice(pieces)].map(([device, own]) => {
        const id = `urn:ngsi-ld:Device:${deviceId(gateway, device)}`;
        const fragments = frames(own).map(
          (frame) => `{"id":"${id}","type":"Device",${textOf(frame)},"@context":"${CONTEXT}"}`,
        );
        return message(`ngsi-ld/${gateway}/${device}`, `[${fragments.join(',')}]`);
      }),
  };
}

/** A property cannot be null (4.5.0): what is said of a bad reading is its quality alone. */
function property(reading: SaidReading): string {
  const { definition, value, unit, wall, isNews } = reading;
  const observed = `"observedAt":"${isoTime(wall)}"`;
  const code = unitName('unece', unit);
  const unitText = code === undefined ? '' : `"unitCode":"${code}",`;
  const parts = [
    ...(value === undefined
      ? []
      : [`${asciiJson(definition.name)}:{"type":"Property","value":${value},${unitText}${observed}}`]),
    ...(isNews
      ? [`${asciiJson(`${definition.name}_quality`)}:{"type":"Property","value":"${qualityText(reading)}",${observed}}`]
      : []),
  ];
  return parts.join(',');
}

function textOf(frame: readonly Piece[]): string {
  return frame.map(({ text }) => text).join(',');
}

function timeOf(frame: readonly Piece[]): string {
  return isoTime(frame[0]?.reading.wall ?? 0);
}

function message(topic: string, text: string): Message {
  return { topic, payload: Buffer.from(text), qos: 1, retain: false, properties: {} };
}
