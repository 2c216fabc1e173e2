import { sml } from '../../drivers/sml/driver.ts';
import { flipped, smlFile } from '../support/sml-telegrams.ts';
import { listeningContract } from './listening.contract.ts';

listeningContract(sml, {
  telegrams: [smlFile({ energy: 22_462_413_6n, power: -350 }), smlFile({ energy: 22_462_413_7n, power: 12 })],
  good: [
    { point: { obis: '1-0:1.8.0', unit: 'kW.h' }, value: 22_462.413_6 },
    { point: { obis: '1-0:16.7.0', unit: 'W' }, value: -350 },
    { point: { obis: '1-0:96.1.0' }, value: '1WIR0000000042' },
  ],
  unsent: { obis: '1-0:2.8.0' },
  spoilt: flipped(smlFile({ energy: 1n, power: 1 }), 60),
});
