import { isInUse, storedCertificates, type StoredCertificate } from '../wire/opcua-certificates.ts';
import { pkiFolder, pkiSides } from '../wire/opcua-pki.ts';
import type { Clock } from '../model/clock.ts';
import type { EndingCertificate } from '../model/status.ts';
import type { Report } from './events.ts';
import { Expiries, type Dependence } from './expiries.ts';

const LOOK_EVERY = 3_600_000; // milliseconds: what ends is known weeks before

type Side = (typeof pkiSides)[number];

/** Looks after the certificates of OPC UA: our own, and those of whom we trust. */
export class PkiWatch {
  readonly #journal: string;
  readonly #clock: Clock;
  readonly #sides: readonly { readonly side: Side; readonly expiries: Expiries }[];

  /** `journal`: the folder beside whose files the keys are. */
  constructor(journal: string, context: { readonly clock: Clock; readonly report: Report }) {
    this.#journal = journal;
    this.#clock = context.clock;
    this.#sides = pkiSides.map((side) => ({ side, expiries: new Expiries(`opcua ${side}`, context) }));
  }

  /** Watches until `signal` aborts; where there are no keys there is nothing to do. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const { side, expiries } of this.#sides) {
        const stored = await storedCertificates(pkiFolder(this.#journal, side));
        expiries.look(stored.filter(isInUse).map((certificate) => dependenceOn(certificate, side)));
      }
      await this.#clock.sleep(LOOK_EVERY, signal).catch(() => undefined);
    }
  }

  /** Those that end within 30 days. */
  certificates(): readonly EndingCertificate[] {
    return this.#sides.flatMap(({ expiries }) => expiries.ending());
  }
}

function dependenceOn({ store, subject, thumbprint, validTo: until }: StoredCertificate, side: Side): Dependence {
  if (store === 'own') {
    const todo = `run: weir opcua renew ${side}, and have the others trust the new one`;
    return { whose: 'our certificate', until, todo };
  }
  const whose = `the certificate of ${subject}, ${thumbprint.slice(0, 16)},`;
  return { whose, until, todo: 'have it renewed by whoever runs it, then trust the new one: weir opcua trust' };
}
