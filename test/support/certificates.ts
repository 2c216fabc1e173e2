import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerPath } from './peers.ts';

export type Certificate = { readonly certificate: string; readonly key: string };

/** A certificate authority in `folder`, made with openssl; everything it returns is PEM text. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;
  #issued = 0;

  constructor(folder: string, name = 'authority') {
    this.#folder = folder;
    this.#name = name;
    this.#openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-subj', `/CN=Weir test ${name}`, '-keyout', this.#path('key'), '-out', this.#path('pem')],
    );
  }

  get certificate(): string {
    return readFileSync(this.#path('pem'), 'utf8');
  }

  /** A certificate for `name` (`DNS:…` or `IP:…`), from yesterday until `days` from now. */
  issue(name: string, days = 10): Certificate {
    const file = (ending: string): string => join(this.#folder, `${this.#name}-${this.#issued}.${ending}`);
    this.#issued += 1;
    this.#openssl(
      ...[
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        `/CN=${name.replace(':', ' ')}`,
      ],
      ...['-keyout', file('key'), '-out', file('csr')],
    );
    writeFileSync(file('ext'), `subjectAltName=${name}\n`);
    this.#openssl(
      ...['x509', '-req', '-in', file('csr'), '-CA', this.#path('pem'), '-CAkey', this.#path('key'), '-CAcreateserial'],
      ...['-days', String(days), '-extfile', file('ext'), '-out', file('pem')],
    );
    return { certificate: readFileSync(file('pem'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
  }

  #path(ending: string): string {
    return join(this.#folder, `${this.#name}.${ending}`);
  }

  #openssl(...options: readonly string[]): void {
    execFileSync(peerPath('openssl'), options, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
