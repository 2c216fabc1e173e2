/**
 * Where a value is in a server (Part 6, 5.1.12): an identifier in a namespace. Servers number their namespaces anew at
 * each start, so that a namespace named by its URI stays right and one named by its number may not.
 */
export type NodeAddress = {
  /** The number as it was written, or the URI. */
  readonly namespace: number | string;
  /** `i=2258`, `s=Boiler.Temperature`, `g=…` or `b=…`. */
  readonly identifier: string;
};

const IDENTIFIERS: Readonly<Record<string, RegExp>> = {
  i: /^\d{1,10}$/,
  s: /^.{1,4096}$/su,
  g: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  b: /^[A-Za-z0-9+/]{1,5500}={0,2}$/,
};

const FORM = 'write e.g. ns=2;s=Boiler.Temperature, nsu=urn:vendor:plant;i=1001, or i=2258 of the standard itself';

const GREATEST_ID = 4_294_967_295;
const MOST_NAMESPACES = 65_535; // the number of a namespace is a UInt16

/** The address that `text` writes, or the sentence that says what is wrong with it. */
export function parseNode(text: string): NodeAddress | string {
  const [, number = '0', uri, kind = '', value = ''] =
    /^(?:ns=(\d{1,9});|nsu=([^;]+);)?([isgb])=(.*)$/su.exec(text) ?? [];
  if (kind === '') return `"${text}" is no node id; ${FORM}`;
  const fault = identifierFault(kind, value);
  if (fault !== undefined) return fault;
  if (Number(number) > MOST_NAMESPACES) return `namespace ${number} is above ${MOST_NAMESPACES}`;
  return { namespace: uri === undefined ? Number(number) : unescaped(uri), identifier: `${kind}=${value}` };
}

function identifierFault(kind: string, value: string): string | undefined {
  if (IDENTIFIERS[kind]?.test(value) !== true) return `"${value}" is no identifier of the kind ${kind}=; ${FORM}`;
  const isTooLarge = kind === 'i' && Number(value) > GREATEST_ID;
  return isTooLarge ? `${value} is above ${GREATEST_ID} (numeric ids have 32 bits)` : undefined;
}

/** `ns=2;s=…` in a server with these namespaces; undefined where it has no namespace of that URI. */
export function resolveNode({ namespace, identifier }: NodeAddress, namespaces: readonly string[]): string | undefined {
  const index = typeof namespace === 'number' ? namespace : namespaces.indexOf(namespace);
  return index < 0 ? undefined : `ns=${index};${identifier}`;
}

/** The same the other way: by its URI, where the namespace is not the standard's; for what is written down. */
export function stableNode(index: number, identifier: string, namespaces: readonly string[]): string {
  return printNode({ namespace: index === 0 ? 0 : (namespaces[index] ?? index), identifier });
}

/** As a configuration writes it. */
export function printNode({ namespace, identifier }: NodeAddress): string {
  if (namespace === 0) return identifier;
  return typeof namespace === 'number' ? `ns=${namespace};${identifier}` : `nsu=${escaped(namespace)};${identifier}`;
}

// Part 6, 5.3.1.10: a semicolon ends the URI, so that one within it is written as %3B, and % as %25.
function escaped(uri: string): string {
  return uri.replaceAll('%', '%25').replaceAll(';', '%3B');
}

function unescaped(uri: string): string {
  return uri.replaceAll('%3B', ';').replaceAll('%25', '%');
}
