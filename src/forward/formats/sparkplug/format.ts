import type { SparkplugOptions } from '../../../config/configuration.ts';
import type { Incoming } from '../../destination.ts';
import type { CataloguePoint, Format, FormatSession, Request, SessionFacts } from '../../format.ts';
import { packetOverhead } from '../../packet-size.ts';
import { parsePayload, valueOf, type ReceivedMetric, type ReceivedPayload } from './commands.ts';
import { SparkplugEncoder } from './data-encoder.ts';
import { aliasOf, BirthsAndDeaths, REBIRTH } from './edge-node.ts';
import { PrimaryHost } from './host.ts';
import { replayIn } from './replay.ts';
import { commandTarget, stateTopic, topicFor, type EdgeNode } from './topics.ts';

// Sparkplug B 3.0 (ISO/IEC 20237): the gateway is an edge node, its devices are devices, its points are metrics.

export const sparkplugFormat: Format = {
  delivery: { acknowledgement: 'lagging', coverage: 'none', retained: [], births: true },
  session: (facts) => new SparkplugSession(facts, facts.options.sparkplug ?? { group: 'weir' }),
};

class SparkplugSession implements FormatSession {
  readonly leavesWithWill = true;
  readonly mayBeDeaf = false;
  readonly overhead: number;
  readonly will;
  readonly encoder: FormatSession['encoder'];
  readonly #edge: EdgeNode;
  readonly #node: BirthsAndDeaths;
  readonly #stateTopic: string | undefined;
  readonly #host = new PrimaryHost();
  #points: readonly CataloguePoint[] = [];

  constructor(facts: SessionFacts, { group, primaryHost }: SparkplugOptions) {
    this.#edge = { group, node: facts.identity.gateway };
    this.#node = new BirthsAndDeaths(this.#edge, facts);
    this.#stateTopic = primaryHost === undefined ? undefined : stateTopic(primaryHost);
    this.overhead = packetOverhead(topicFor(this.#edge, 'DDATA', 'x'.repeat(LONGEST_ID)), {});
    this.will = { ...this.#node.death(facts.now), qos: 1 } as const;
    this.encoder = (lane, lookup) => new SparkplugEncoder(this.#node, lane, lookup);
  }

  get isWaiting(): boolean {
    return this.#stateTopic !== undefined && !this.#host.isPresent;
  }

  /** Of the devices, those that can be written (5.6). */
  filters(points: readonly CataloguePoint[]): readonly string[] {
    const writable = points.flatMap(({ definition }) => (definition.write === undefined ? [] : [definition.device]));
    const devices = [...new Set(writable)].map((device) => topicFor(this.#edge, 'DCMD', device));
    const state = this.#stateTopic === undefined ? [] : [this.#stateTopic];
    return [topicFor(this.#edge, 'NCMD'), ...devices, ...state];
  }

  understand(incoming: Incoming): readonly Request[] {
    if (incoming.topic === this.#stateTopic) {
      const isNews = this.#host.heard(incoming.payload);
      return isNews ? [{ kind: 'host', present: this.#host.isPresent }] : [];
    }
    const target = commandTarget(this.#edge, incoming.topic);
    const payload = target === null ? undefined : parsePayload(incoming.payload);
    if (target === null || payload === undefined) return [];
    return payload.metrics.flatMap((metric) =>
      target.device === undefined
        ? nodeRequests(metric, payload, incoming)
        : this.#write(metric, payload, incoming, target.device),
    );
  }

  introduction(points: readonly CataloguePoint[], now: number) {
    this.#points = points;
    return this.#node.birth(points, now);
  }

  presence(device: string, isLost: boolean, now: number) {
    return this.#node.presence(device, isLost, now);
  }

  loss(...loss: Parameters<FormatSession['loss']>) {
    return [this.#node.loss(...loss)];
  }

  /** What went out as history cannot be taken back: a host sees by `Clock` that its time was estimated. */
  correction() {
    return [];
  }

  /** Its birth and its metrics say it. */
  health() {
    return [];
  }

  /** A host sees what became of its command by the metric itself. */
  result() {
    return [];
  }

  farewell(now: number) {
    return [this.#node.death(now)];
  }

  #write(
    { name, alias, value: field, timestamp }: ReceivedMetric,
    payload: ReceivedPayload,
    { retained }: Incoming,
    device: string,
  ): readonly Request[] {
    const point = this.#points.find(
      (known) =>
        known.definition.device === device &&
        (alias === undefined ? known.definition.name === name : aliasOf(known) === alias),
    );
    const value = field === undefined || point === undefined ? undefined : valueOf(field, point.definition.type);
    if (point === undefined || value === undefined) return [];
    const issued = timestamp ?? payload.timestamp ?? null;
    const command = { id: null, issued, expires: null, target: point.definition.id, value };
    return [{ kind: 'command', command, retained }];
  }
}

const LONGEST_ID = 64;

/** Of the edge node nothing can be written: its birth is asked for, or what it sent before. What the broker kept asks for no birth now. */
function nodeRequests(metric: ReceivedMetric, payload: ReceivedPayload, { retained }: Incoming): readonly Request[] {
  const replay = replayIn(metric, payload);
  if (replay !== undefined) return [{ kind: 'command', command: replay, retained }];
  const { name, value } = metric;
  const isAsked = name === REBIRTH && value !== undefined && valueOf(value, 'bool') === true;
  return isAsked && !retained ? [{ kind: 'introduction' }] : [];
}
