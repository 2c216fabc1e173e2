import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerPath } from './peers.ts';

export type Certificate = { readonly certificate: string; readonly key: string };

/** A certificate authority in `folder`, made with openssl; everything it returns is PEM text. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;
  readonly #revoked: string[] = [];
  #issued = 0;

  constructor(folder: string, name = 'authority', key = NEW_KEY) {
    this.#folder = folder;
    this.#name = name;
    openssl(`req -x509 -days 30 ${key}`, {
      subj: `/CN=Weir test ${name}`,
      keyout: this.#path('key'),
      out: this.#path('pem'),
    });
  }

  get certificate(): string {
    return readFileSync(this.#path('pem'), 'utf8');
  }

  /**
   * A certificate for `name` (`DNS:…` or `IP:…`), valid for so many days from now; with less than none it has expired.
   * With `from` it becomes valid so many days from now, which takes the peer faketime. `key` is how openssl makes its key.
   */
  issue(name: string, days = 10, from = 0, key = NEW_KEY): Certificate {
    const file = (ending: string): string => join(this.#folder, `${this.#name}-${this.#issued}.${ending}`);
    this.#issued += 1;
    writeFileSync(file('ext'), `subjectAltName=${name}\nauthorityKeyIdentifier=keyid\n`);
    openssl(`req ${key}`, { subj: `/CN=${name.replace(':', ' ')}`, keyout: file('key'), out: file('csr') });
    const files = { in: file('csr'), CA: this.#path('pem'), CAkey: this.#path('key'), extfile: file('ext') };
    openssl(`x509 -req -CAcreateserial -days ${days}`, { ...files, out: file('pem') }, from);
    return { certificate: readFileSync(file('pem'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
  }

  /** The list of what it has revoked so far, now with these too: PEM. */
  revoke(...certificates: readonly string[]): string {
    for (const certificate of certificates) {
      const { serialNumber, subject, validTo } = new X509Certificate(certificate);
      const columns = ['R', utcTime(validTo), utcTime(new Date()), serialNumber, 'unknown', `/${subject}`];
      this.#revoked.push(columns.join('\t'));
    }
    const database = this.#path('revoked');
    writeFileSync(database, this.#revoked.map((line) => `${line}\n`).join(''));
    writeFileSync(this.#path('cnf'), `[ca]\ndefault_ca=own\n[own]\ndatabase=${database}\ndefault_md=sha256\n`);
    const files = { config: this.#path('cnf'), cert: this.#path('pem'), keyfile: this.#path('key') };
    openssl('ca -gencrl -crldays 10', { ...files, out: this.#path('crl') });
    return readFileSync(this.#path('crl'), 'utf8');
  }

  #path(ending: string): string {
    return join(this.#folder, `${this.#name}.${ending}`);
  }
}

/** `261130222500Z`, as openssl keeps times. */
function utcTime(time: Date | string): string {
  return new Date(time).toISOString().replaceAll(/^\d\d|[-:T]|\.\d+/g, '');
}

/** What nobody should accept any more. */
export const WEAK_KEY = '-newkey rsa:1024 -nodes';
/** What OPC UA takes. */
export const RSA_KEY = '-newkey rsa:2048 -nodes';
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';

function openssl(command: string, options: Readonly<Record<string, string>>, daysAhead = 0): void {
  const values = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  const words = [...command.split(' '), ...values];
  const ahead = ['-f', `+${daysAhead}d`, peerPath('openssl'), ...words];
  const [program, given] = daysAhead === 0 ? [peerPath('openssl'), words] : [peerPath('faketime'), ahead];
  // Reading a key, node-opcua leaves the word `undefined` in OPENSSL_CONF, which openssl takes for a file.
  const { OPENSSL_CONF: _, ...env } = process.env;
  execFileSync(program, given, { env, stdio: ['ignore', 'ignore', 'pipe'] });
}
