/** SunSpec models 201 to 220: what a meter of alternating current measures. The grammar is in ../table.ts. */
export const METER_MODELS = `
model 201 ac_meter_an_or_ab 105
A int16 ^A_SF [A] !
AphA int16 ^A_SF [A] !
AphB int16 ^A_SF [A]
AphC int16 ^A_SF [A]
A_SF sunssf !
PhV int16 ^V_SF [V]
PhVphA int16 ^V_SF [V]
PhVphB int16 ^V_SF [V]
PhVphC int16 ^V_SF [V]
PPV int16 ^V_SF [V]
PPVphAB int16 ^V_SF [V]
PPVphBC int16 ^V_SF [V]
PPVphCA int16 ^V_SF [V]
V_SF sunssf !
Hz int16 ^Hz_SF [Hz] !
Hz_SF sunssf
W int16 ^W_SF [W] !
WphA int16 ^W_SF [W]
WphB int16 ^W_SF [W]
WphC int16 ^W_SF [W]
W_SF sunssf !
VA int16 ^VA_SF [VA]
VAphA int16 ^VA_SF [VA]
VAphB int16 ^VA_SF [VA]
VAphC int16 ^VA_SF [VA]
VA_SF sunssf
VAR int16 ^VAR_SF [var]
VARphA int16 ^VAR_SF [var]
VARphB int16 ^VAR_SF [var]
VARphC int16 ^VAR_SF [var]
VAR_SF sunssf
PF int16 ^PF_SF [Pct]
PFphA int16 ^PF_SF [Pct]
PFphB int16 ^PF_SF [Pct]
PFphC int16 ^PF_SF [Pct]
PF_SF sunssf
TotWhExp acc32 ^TotWh_SF [Wh] !
TotWhExpPhA acc32 ^TotWh_SF [Wh]
TotWhExpPhB acc32 ^TotWh_SF [Wh]
TotWhExpPhC acc32 ^TotWh_SF [Wh]
TotWhImp acc32 ^TotWh_SF [Wh] !
TotWhImpPhA acc32 ^TotWh_SF [Wh]
TotWhImpPhB acc32 ^TotWh_SF [Wh]
TotWhImpPhC acc32 ^TotWh_SF [Wh]
TotWh_SF sunssf !
TotVAhExp acc32 ^TotVAh_SF [VAh]
TotVAhExpPhA acc32 ^TotVAh_SF [VAh]
TotVAhExpPhB acc32 ^TotVAh_SF [VAh]
TotVAhExpPhC acc32 ^TotVAh_SF [VAh]
TotVAhImp acc32 ^TotVAh_SF [VAh]
TotVAhImpPhA acc32 ^TotVAh_SF [VAh]
TotVAhImpPhB acc32 ^TotVAh_SF [VAh]
TotVAhImpPhC acc32 ^TotVAh_SF [VAh]
TotVAh_SF sunssf
TotVArhImpQ1 acc32 ^TotVArh_SF [varh]
TotVArhImpQ1PhA acc32 ^TotVArh_SF [varh]
TotVArhImpQ1PhB acc32 ^TotVArh_SF [varh]
TotVArhImpQ1PhC acc32 ^TotVArh_SF [varh]
TotVArhImpQ2 acc32 ^TotVArh_SF [varh]
TotVArhImpQ2PhA acc32 ^TotVArh_SF [varh]
TotVArhImpQ2PhB acc32 ^TotVArh_SF [varh]
TotVArhImpQ2PhC acc32 ^TotVArh_SF [varh]
TotVArhExpQ3 acc32 ^TotVArh_SF [varh]
TotVArhExpQ3PhA acc32 ^TotVArh_SF [varh]
TotVArhExpQ3PhB acc32 ^TotVArh_SF [varh]
TotVArhExpQ3PhC acc32 ^TotVArh_SF [varh]
TotVArhExpQ4 acc32 ^TotVArh_SF [varh]
TotVArhExpQ4PhA acc32 ^TotVArh_SF [varh]
TotVArhExpQ4PhB acc32 ^TotVArh_SF [varh]
TotVArhExpQ4PhC acc32 ^TotVArh_SF [varh]
TotVArh_SF sunssf
Evt bitfield32 ! =2 POWER_FAILURE UNDER_VOLTAGE LOW_PF OVER_CURRENT OVER_VOLTAGE MISSING_SENSOR 16:OEM01 OEM02 OEM03 OEM04 OEM05 OEM06 OEM07 OEM08 OEM09 OEM10 OEM11 OEM12 OEM13 OEM14 OEM15

model 202 ac_meter_abn 105 like 201 PPVphAB>PhVphAB PPVphBC>PhVphBC PPVphCA>PhVphCA ! AphB AphC PhV PhVphA PhVphB PPV PhVphAB
model 203 ac_meter_abcn 105 like 202 ! PhVphC PhVphBC PhVphCA
model 204 ac_meter_abc 105 like 201 PPVphAB>PhVphAB PPVphBC>PhVphBC PPVphCA>PhVphCA ! AphB AphC PPV PhVphAB PhVphBC PhVphCA

model 211 ac_meter_an_or_ab_float 124
A float32 [A] !
AphA float32 [A] !
AphB float32 [A]
AphC float32 [A]
PhV float32 [V]
PhVphA float32 [V]
PhVphB float32 [V]
PhVphC float32 [V]
PPV float32 [V]
PPVphAB float32 [V]
PPVphBC float32 [V]
PPVphCA float32 [V]
Hz float32 [Hz] !
W float32 [W] !
WphA float32 [W]
WphB float32 [W]
WphC float32 [W]
VA float32 [VA]
VAphA float32 [VA]
VAphB float32 [VA]
VAphC float32 [VA]
VAR float32 [var]
VARphA float32 [var]
VARphB float32 [var]
VARphC float32 [var]
PF float32 [PF]
PFphA float32 [PF]
PFphB float32 [PF]
PFphC float32 [PF]
TotWhExp float32 [Wh] !
TotWhExpPhA float32 [Wh]
TotWhExpPhB float32 [Wh]
TotWhExpPhC float32 [Wh]
TotWhImp float32 [Wh] !
TotWhImpPhA float32 [Wh]
TotWhImpPhB float32 [Wh]
TotWhImpPhC float32 [Wh]
TotVAhExp float32 [VAh]
TotVAhExpPhA float32 [VAh]
TotVAhExpPhB float32 [VAh]
TotVAhExpPhC float32 [VAh]
TotVAhImp float32 [VAh]
TotVAhImpPhA float32 [VAh]
TotVAhImpPhB float32 [VAh]
TotVAhImpPhC float32 [VAh]
TotVArhImpQ1 float32 [varh]
TotVArhImpQ1phA float32 [varh]
TotVArhImpQ1phB float32 [varh]
TotVArhImpQ1phC float32 [varh]
TotVArhImpQ2 float32 [varh]
TotVArhImpQ2phA float32 [varh]
TotVArhImpQ2phB float32 [varh]
TotVArhImpQ2phC float32 [varh]
TotVArhExpQ3 float32 [varh]
TotVArhExpQ3phA float32 [varh]
TotVArhExpQ3phB float32 [varh]
TotVArhExpQ3phC float32 [varh]
TotVArhExpQ4 float32 [varh]
TotVArhExpQ4phA float32 [varh]
TotVArhExpQ4phB float32 [varh]
TotVArhExpQ4phC float32 [varh]
Evt bitfield32 ! =2 POWER_FAILURE UNDER_VOLTAGE LOW_PF OVER_CURRENT OVER_VOLTAGE MISSING_SENSOR 16:OEM01 OEM02 OEM03 OEM04 OEM05 OEM06 OEM07 OEM08 OEM09 OEM10 OEM11 OEM12 OEM13 OEM14 OEM15

model 212 ac_meter_abn_float 124 like 211 ! AphB PhV PhVphA PhVphB PPV PPVphAB
model 213 ac_meter_abcn_float 124 like 212 ! AphC PhVphC PPVphBC PPVphCA
model 214 ac_meter_abc_float 124 like 211 ! AphB AphC PPV PPVphAB PPVphBC PPVphCA

model 220 ac_meter_secure 42
A int16 ^A_SF [A] !
A_SF sunssf !
PhV int16 ^V_SF [V]
V_SF sunssf !
Hz int16 ^Hz_SF [Hz] !
Hz_SF sunssf
W int16 ^W_SF [W] !
W_SF sunssf !
VA int16 ^VA_SF [VA]
VA_SF sunssf
VAR int16 ^VAR_SF [var]
VAR_SF sunssf
PF int16 ^PF_SF [Pct]
PF_SF sunssf
TotWhExp acc32 ^TotWh_SF [Wh] !
TotWhImp acc32 ^TotWh_SF [Wh] !
TotWh_SF sunssf !
TotVAhExp acc32 ^TotVAh_SF [VAh]
TotVAhImp acc32 ^TotVAh_SF [VAh]
TotVAh_SF sunssf
TotVArhImpQ1 acc32 ^TotVArh_SF [varh]
TotVArhImpQ2 acc32 ^TotVArh_SF [varh]
TotVArhExpQ3 acc32 ^TotVArh_SF [varh]
TotVArhExpQ4 acc32 ^TotVArh_SF [varh]
TotVArh_SF sunssf
Evt bitfield32 ! =2 POWER_FAILURE UNDER_VOLTAGE LOW_PF OVER_CURRENT OVER_VOLTAGE MISSING_SENSOR 16:OEM01 OEM02 OEM03 OEM04 OEM05 OEM06 OEM07 OEM08 OEM09 OEM10 OEM11 OEM12 OEM13 OEM14 OEM15
Rsrvd pad
Ts uint32 !
Ms uint16 !
Seq uint16 !
Alg enum16 ! =0 NONE AES-GMAC-64 ECC-256
N uint16 !
group repeating * 1
  DS uint16 !
`;
