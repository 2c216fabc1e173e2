import type { Command } from 'commander';
import { examples } from './context.ts';
import { registerCertificates } from './opcua/certificates.ts';
import { registerDiscover } from './opcua/discover.ts';
import { registerRenew } from './opcua/renew.ts';
import { registerReject, registerTrust } from './opcua/trust.ts';

export function registerOpcua(program: Command): void {
  const opcua = program
    .command('opcua')
    .description('see what an OPC UA server offers, and decide whom to trust')
    .addHelpText(
      'after',
      examples(
        'weir opcua discover opc.tcp://192.0.2.20:4840',
        'weir opcua trust 3F9A21C04D77',
        'weir opcua certificates',
      ),
    );
  registerDiscover(opcua);
  registerTrust(opcua);
  registerReject(opcua);
  registerCertificates(opcua);
  registerRenew(opcua);
}
