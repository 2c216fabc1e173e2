import { GatewayError, messageOf } from '../model/errors.ts';

type Words = (endpoint: string) => string;

const SEE_SERVER = 'the list of clients in the configuration of the server shows it, often as rejected; trust it there';

/** What the names in the stack's messages mean for whoever stands before the server. */
const faults: Readonly<Record<string, Words>> = {
  ECONNREFUSED: (endpoint) => `nothing listens at ${endpoint}`,
  'cannot be established': (endpoint) => `nothing listens at ${endpoint}`,
  ENOTFOUND: (endpoint) => `the host of ${endpoint} is not known`,
  EAI_AGAIN: (endpoint) => `the name of the host of ${endpoint} cannot be resolved now`,
  EHOSTUNREACH: (endpoint) => `there is no way to ${endpoint}`,
  ENETUNREACH: (endpoint) => `there is no way to ${endpoint}`,
  BadTcpEndpointUrlInvalid: (endpoint) => `the server at ${endpoint} does not know this path`,
  BadTooManySessions: () => 'the server has no session left: close those of other clients, or raise its limit',
  BadTooManySubscriptions: () =>
    'the server has no subscription left: close those of other clients, or raise its limit',
  BadCertificateUntrusted: () => `the server does not trust our certificate: ${SEE_SERVER}`,
  BadSecurityChecksFailed: () => `the server does not accept our certificate: ${SEE_SERVER}`,
  BadCertificateTimeInvalid: () => 'the server finds our certificate expired or not valid yet: compare the clocks',
  BadCertificateUriInvalid: () => 'the server finds that our certificate is not for our application URI',
  BadIdentityTokenRejected: () => 'the server refuses who we say we are: name, password or certificate of the user',
  BadIdentityTokenInvalid: () => 'the server refuses who we say we are: it takes no such user',
  BadUserAccessDenied: () => 'the server refuses the user: its name or password is wrong, or it has no right',
  BadUserSignatureInvalid: () => 'the server refuses the certificate of the user: the key beside it is of another',
};

/** A connection that could not be made, in words that say what to do; `subject` is what was tried with whom. */
export function connectFault(error: unknown, subject: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const text = messageOf(error);
  const name = Object.keys(faults).find((each) => text.includes(each));
  const words = name === undefined ? `${subject}: ${text}` : (faults[name]?.(subject) ?? text);
  const isCode = name?.startsWith('Bad') === true;
  return new GatewayError('connection-failed', isCode ? `${words} (${name})` : words, { cause: error });
}
