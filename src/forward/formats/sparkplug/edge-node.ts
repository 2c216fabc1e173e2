import type { ClockState } from '../../../journal/journal.ts';
import { valueKinds } from '../../../journal/codec.ts';
import type { Message } from '../../destination.ts';
import type { CataloguePoint, Loss, SessionFacts } from '../../format.ts';
import { noValue, type Metric, type StoredValue } from './metric.ts';
import { payloadMessage } from './payload.ts';
import { propertySet, qualityProperties, type Properties } from './properties.ts';
import { REPLAY } from './replay.ts';
import { datatypeOf, datatypes, qualityCodes } from './schema.ts';
import { topicFor, type EdgeNode, type MessageType } from './topics.ts';

// What an edge node says in one session: births, deaths, and what they count (Sparkplug 3.0 6.4.6 to 6.4.11).

const SEQUENCES = 256;
export const REBIRTH = 'Node Control/Rebirth';
const BIRTH_DEATH = 'bdSeq';

/** Metrics of the edge node itself; their aliases lie below those of the points. */
const nodeMetrics = {
  epoch: { name: 'Properties/Epoch', alias: 1, type: 'string' },
  clock: { name: 'Clock', alias: 2, type: 'string' },
  gapAfter: { name: 'Gap/After', alias: 3, type: 'int64' },
  gapUpto: { name: 'Gap/Upto', alias: 4, type: 'int64' },
  gapCount: { name: 'Gap/Count', alias: 5, type: 'int64' },
  gapReason: { name: 'Gap/Reason', alias: 6, type: 'string' },
  gapEpoch: { name: 'Gap/Epoch', alias: 7, type: 'string' },
} as const;

type NodeMetric = keyof typeof nodeMetrics;
const nodeMetricNames = Object.keys(nodeMetrics).filter((name): name is NodeMetric => name in nodeMetrics);

const FIRST_POINT_ALIAS = 16;

/** The alias of a point, unique in the edge node. */
export function aliasOf(point: CataloguePoint): number {
  return FIRST_POINT_ALIAS + point.number;
}

export class BirthsAndDeaths {
  readonly #edge: EdgeNode;
  readonly #facts: SessionFacts;
  readonly #bdSeq: number;
  /** Points by device, as of the last birth. */
  #devices = new Map<string, readonly CataloguePoint[]>();
  readonly #born = new Set<string>();
  readonly #node = new Map<NodeMetric, number | string>();
  #seq = 0;
  /** Nothing up to this sequence is news: a birth, or data that overtook it, has told what came later. */
  saidUpto = 0;
  /** How many births there were. */
  births = 0;

  constructor(edge: EdgeNode, facts: SessionFacts) {
    this.#edge = edge;
    this.#facts = facts;
    this.#bdSeq = facts.connection % SEQUENCES;
    this.#node.set('epoch', facts.identity.epoch);
  }

  /** Everything that is news up to this sequence has been told. */
  said(sequence: number): void {
    this.saidUpto = Math.max(this.saidUpto, sequence);
  }

  isBorn(device: string): boolean {
    return this.#born.has(device);
  }

  topic(type: MessageType, device?: string): string {
    return topicFor(this.#edge, type, device);
  }

  /** The number of the next message, 0 to 255 (6.4.18). */
  nextSeq(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) % SEQUENCES;
    return seq;
  }

  /** NBIRTH, and a DBIRTH for each device that is there. */
  birth(points: readonly CataloguePoint[], now: number): readonly Message[] {
    this.#devices = Map.groupBy(points, ({ definition }) => definition.device);
    this.#born.clear();
    this.#seq = 0;
    this.births += 1;
    this.said(this.#facts.latest.upto);
    const node = payloadMessage({
      topic: this.topic('NBIRTH'),
      sent: now,
      seq: this.nextSeq(),
      metrics: [this.#bdSeqMetric(now), ...controls(this.#facts, now), ...this.#nodeBirth(now)],
    });
    const present = [...this.#devices.keys()].filter((device) => !this.#facts.presence.isLost(device));
    return [node, ...present.map((device) => this.deviceBirth(device, now))];
  }

  deviceBirth(device: string, now: number): Message {
    this.#born.add(device);
    const metrics = (this.#devices.get(device) ?? []).map((point) => this.#pointBirth(point, now));
    return payloadMessage({ topic: this.topic('DBIRTH', device), sent: now, seq: this.nextSeq(), metrics });
  }

  deviceDeath(device: string, now: number): Message {
    this.#born.delete(device);
    return payloadMessage({ topic: this.topic('DDEATH', device), sent: now, seq: this.nextSeq(), metrics: [] });
  }

  /** The device was lost or is back: said once. */
  presence(device: string, isLost: boolean, now: number): readonly Message[] {
    if (!this.#devices.has(device) || isLost !== this.isBorn(device)) return [];
    return [isLost ? this.deviceDeath(device, now) : this.deviceBirth(device, now)];
  }

  /** NDEATH has no sequence number, and nothing but the number of its birth (6.4.11). */
  death(now: number): Message {
    const metrics = [this.#bdSeqMetric(now)];
    return payloadMessage({ topic: this.topic('NDEATH'), sent: now, seq: undefined, metrics });
  }

  /** NDATA where the clock's state is not what was said last. */
  clock(state: ClockState, now: number): readonly Message[] {
    return this.#node.get('clock') === state ? [] : [this.#nodeData({ clock: state }, now)];
  }

  /** `epoch`: of the journal that the sequences are of, which may be an earlier one. */
  loss({ range, count, reason }: Loss, now: number, epoch = this.#facts.identity.epoch): Message {
    const gap = { gapAfter: range.after, gapUpto: range.upto, gapCount: count, gapReason: reason };
    return this.#nodeData({ ...gap, gapEpoch: epoch }, now);
  }

  #nodeData(values: Partial<Record<NodeMetric, number | string>>, now: number): Message {
    const metrics = nodeMetricNames.flatMap((key): Metric[] => {
      const value = values[key];
      if (value === undefined) return [];
      this.#node.set(key, value);
      const { alias, type } = nodeMetrics[key];
      return [{ alias, timestamp: now, type, value: stored(value) }];
    });
    return payloadMessage({ topic: this.topic('NDATA'), sent: now, seq: this.nextSeq(), metrics });
  }

  #nodeBirth(now: number): readonly Metric[] {
    return nodeMetricNames.map((key) => {
      const { name, alias, type } = nodeMetrics[key];
      const value = this.#node.get(key);
      const datatype = datatypeOf[type];
      return { name, alias, timestamp: now, datatype, type, value: value === undefined ? noValue : stored(value) };
    });
  }

  #pointBirth(point: CataloguePoint, now: number): Metric {
    const { name, type } = point.definition;
    const latest = this.#facts.latest.of(point.number);
    const quality: Properties =
      latest === undefined
        ? { Quality: { type: 'int32', value: qualityCodes.stale } }
        : qualityProperties(latest.quality, latest.reason);
    return {
      name,
      alias: aliasOf(point),
      timestamp: latest?.wall ?? now,
      datatype: datatypeOf[type],
      type,
      value: latest ?? noValue,
      properties: propertySet({ ...quality, ...meaning(point) }),
    };
  }

  // By name alone, as Sparkplug's own metrics are (6.4.8): a host must know them before it knows any alias.
  #bdSeqMetric(now: number): Metric {
    const value = stored(this.#bdSeq);
    return { name: BIRTH_DEATH, timestamp: now, datatype: datatypes.int64, type: 'int64', value };
  }
}

/** What a host may ask of the edge node. */
function controls({ replay }: SessionFacts, now: number): readonly Metric[] {
  const no: StoredValue = { kind: valueKinds.false, number: 0, other: undefined };
  const rebirth: Metric = { name: REBIRTH, timestamp: now, datatype: datatypes.boolean, type: 'bool', value: no };
  const nothing = stored('');
  return replay
    ? [rebirth, { name: REPLAY, timestamp: now, datatype: datatypes.string, type: 'string', value: nothing }]
    : [rebirth];
}

function stored(value: number | string): StoredValue {
  return typeof value === 'number'
    ? { kind: valueKinds.integer, number: value, other: undefined }
    : { kind: valueKinds.text, number: 0, other: value };
}

/** What a point measures, under the names that hosts know where there are such names. */
function meaning({ definition: { unit, quantity, obis, write } }: CataloguePoint): Properties {
  const texts = { engUnit: unit, Quantity: quantity, OBIS: obis, Writable: write === undefined ? undefined : 'true' };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, { type: 'string', value } as const] as const],
    ),
  );
}
