import { p1 } from '../../drivers/p1/driver.ts';
import { p1Telegram } from '../support/p1-telegrams.ts';
import { flipped } from '../support/sml-telegrams.ts';
import { listeningContract } from './listening.contract.ts';

listeningContract(p1, {
  telegrams: [p1Telegram(), p1Telegram({ energy: '000123.457', power: '00.250' })],
  good: [
    { point: { obis: '1-0:1.8.1', unit: 'kW.h' }, value: 123.456 },
    { point: { obis: '1-0:1.7.0', unit: 'W' }, value: 244 },
    { point: { obis: '0-1:24.2.1', unit: 'm3' }, value: 0.107 },
    { point: { obis: '0-0:96.1.1', kind: 'text' }, value: 'E0001' },
  ],
  unsent: { obis: '1-0:2.8.1' },
  spoilt: flipped(p1Telegram(), 70),
});
