import { spawnSync } from 'node:child_process';
import { peerPath } from './peers.ts';

// A host of its own on this machine, made of network namespaces, and a router on one of the two ways to it:
//
//   this host ── near ── [router] ── far ── [other host]     the poor way, which can be spoiled
//        └────────────────────────────────────────┘          the good way
//
// The addresses are of those set aside for tests of networks (RFC 2544), four for each of the three links.

const FAMILIES = 10_922; // of twelve addresses in 198.18.0.0/15

type Way = { readonly here: string; readonly there: string };

function way(family: number, index: number): Way {
  const first = (family % FAMILIES) * 12 + index * 4;
  const address = (host: number): string => {
    const at = first + host;
    return `198.${18 + (at >> 16)}.${(at >> 8) & 0xff}.${at & 0xff}`;
  };
  return { here: address(1), there: address(2) };
}

let made = 0;

/** Another host of the network; needs the rights of root. */
export class OtherHost implements Disposable {
  // The kernel takes its time to put a host away: none has the name or the addresses of an earlier one.
  readonly #name = `${process.pid}-${(made += 1)}`;
  readonly #host = `weir-h${this.#name}`;
  readonly #router = `weir-r${this.#name}`;
  readonly #ways = [0, 1, 2].map((index) => way(process.pid * 4 + made, index));

  constructor() {
    const [near, far, good] = this.#ways;
    if (near === undefined || far === undefined || good === undefined) throw new Error('there are three ways');
    const veth = (letter: string): string => `w${letter}${this.#name}`;
    ip(
      '-batch',
      '-',
    )(`
      netns add ${this.#host}
      netns add ${this.#router}
      link add ${veth('n')} type veth peer name near netns ${this.#router}
      link add ${veth('g')} type veth peer name good netns ${this.#host}
      addr add ${near.here}/30 dev ${veth('n')}
      addr add ${good.here}/30 dev ${veth('g')}
      link set ${veth('n')} up
      link set ${veth('g')} up
      route add ${far.there} via ${near.there}
    `);
    ip(
      '-n',
      this.#router,
      '-batch',
      '-',
    )(`
      link add far type veth peer name poor netns ${this.#host}
      addr add ${near.there}/30 dev near
      addr add ${far.here}/30 dev far
      link set near up
      link set far up
    `);
    ip(
      '-n',
      this.#host,
      '-batch',
      '-',
    )(`
      addr add ${far.there}/30 dev poor
      addr add ${good.there}/30 dev good
      link set lo up
      link set poor up
      link set good up
      route add ${near.here} via ${far.here}
    `);
    run([...this.#in(this.#router), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    this.#filter('add table ip weir; add chain ip weir ways { type filter hook forward priority 0; }');
  }

  /** Its addresses as this host calls them: over the way that can be spoiled, and over the other. */
  get poor(): string {
    return this.#ways[1]?.there ?? '';
  }

  get good(): string {
    return this.#ways[2]?.there ?? '';
  }

  /** What stands before the words of a command that is to run there. */
  get prefix(): readonly string[] {
    return this.#in(this.#host);
  }

  /** So many of a hundred packets are lost from now on, in each direction, without a word to anybody. */
  drop(percent: number): void {
    this.#filter(
      `flush chain ip weir ways; add rule ip weir ways numgen random mod 100 <= ${percent - 1} counter drop`,
    );
  }

  /** Of every hundred packets those at these places (0…99) are lost from now on, in each direction by itself. */
  lose(places: readonly number[]): void {
    const rules = ['near', 'far'].map(
      (device) => `add rule ip weir ways iifname ${device} numgen inc mod 100 { ${places.join(', ')} } counter drop`,
    );
    this.#filter(['flush chain ip weir ways', ...rules].join('; '));
  }

  /** Carries no more than `kbit` kilobits a second from now on, in each direction; what waits longer than `patience` is lost. */
  narrow(kbit: number, patience: string): void {
    for (const device of ['near', 'far']) {
      const queue = ['tbf', 'rate', `${kbit}kbit`, 'burst', '3kb', 'latency', patience];
      run([...this.#in(this.#router), 'tc', 'qdisc', 'replace', 'dev', device, 'root', ...queue]);
    }
  }

  /** Loses nothing any more. */
  mend(): void {
    this.#filter('flush chain ip weir ways');
  }

  /** Packets that were lost by the last `drop` or `lose`. */
  get dropped(): number {
    const listed = run([...this.#in(this.#router), 'nft', 'list', 'chain', 'ip', 'weir', 'ways']);
    return [...listed.matchAll(/packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
  }

  [Symbol.dispose](): void {
    for (const name of [this.#host, this.#router]) spawnSync(peerPath('network-namespaces'), ['netns', 'del', name]);
  }

  #in(namespace: string): readonly string[] {
    return [peerPath('network-namespaces'), 'netns', 'exec', namespace];
  }

  #filter(rules: string): void {
    run([...this.#in(this.#router), 'nft', rules]);
  }
}

function ip(...words: readonly string[]): (input: string) => string {
  return (input) => run([peerPath('network-namespaces'), ...words], input);
}

function run([program = '', ...words]: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(program, words, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[program, ...words].join(' ')}: ${stderr}`);
  return stdout;
}
