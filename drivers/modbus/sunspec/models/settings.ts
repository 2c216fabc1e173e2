/** SunSpec models 120 to 128 and 145: ratings and settings of inverters. The grammar is in ../table.ts. */
export const SETTINGS_MODELS = `
model 120 nameplate 26
DERTyp enum16 ! =4 PV 82:PV_STOR
WRtg uint16 ^WRtg_SF [W] !
WRtg_SF sunssf !
VARtg uint16 ^VARtg_SF [VA] !
VARtg_SF sunssf !
VArRtgQ1 int16 ^VArRtg_SF [var] !
VArRtgQ2 int16 ^VArRtg_SF [var] !
VArRtgQ3 int16 ^VArRtg_SF [var] !
VArRtgQ4 int16 ^VArRtg_SF [var] !
VArRtg_SF sunssf !
ARtg uint16 ^ARtg_SF [A] !
ARtg_SF sunssf !
PFRtgQ1 int16 ^PFRtg_SF [cos()] !
PFRtgQ2 int16 ^PFRtg_SF [cos()] !
PFRtgQ3 int16 ^PFRtg_SF [cos()] !
PFRtgQ4 int16 ^PFRtg_SF [cos()] !
PFRtg_SF sunssf !
WHRtg uint16 ^WHRtg_SF [Wh]
WHRtg_SF sunssf
AhrRtg uint16 ^AhrRtg_SF [AH]
AhrRtg_SF sunssf
MaxChaRte uint16 ^MaxChaRte_SF [W]
MaxChaRte_SF sunssf
MaxDisChaRte uint16 ^MaxDisChaRte_SF [W]
MaxDisChaRte_SF sunssf
Pad pad

model 121 settings 30
WMax uint16 ^WMax_SF [W] w !
VRef uint16 ^VRef_SF [V] w !
VRefOfs int16 ^VRefOfs_SF [V] w !
VMax uint16 ^VMinMax_SF [V] w
VMin uint16 ^VMinMax_SF [V] w
VAMax uint16 ^VAMax_SF [VA] w
VArMaxQ1 int16 ^VArMax_SF [var] w
VArMaxQ2 int16 ^VArMax_SF [var] w
VArMaxQ3 int16 ^VArMax_SF [var] w
VArMaxQ4 int16 ^VArMax_SF [var] w
WGra uint16 ^WGra_SF [% WMax/sec] w
PFMinQ1 int16 ^PFMin_SF [cos()] w
PFMinQ2 int16 ^PFMin_SF [cos()] w
PFMinQ3 int16 ^PFMin_SF [cos()] w
PFMinQ4 int16 ^PFMin_SF [cos()] w
VArAct enum16 w =1 SWITCH MAINTAIN
ClcTotVA enum16 w =1 VECTOR ARITHMETIC
MaxRmpRte uint16 ^MaxRmpRte_SF [% WGra] w
ECPNomHz uint16 ^ECPNomHz_SF [Hz] w
ConnPh enum16 w =1 A B C
WMax_SF sunssf !
VRef_SF sunssf !
VRefOfs_SF sunssf !
VMinMax_SF sunssf
VAMax_SF sunssf
VArMax_SF sunssf
WGra_SF sunssf
PFMin_SF sunssf
MaxRmpRte_SF sunssf
ECPNomHz_SF sunssf

model 122 status 44
PVConn bitfield16 ! =0 CONNECTED AVAILABLE OPERATING TEST
StorConn bitfield16 ! =0 CONNECTED AVAILABLE OPERATING TEST
ECPConn bitfield16 ! =0 DISCONNECTED CONNECTED
ActWh acc64 [Wh]
ActVAh acc64 [VAh]
ActVArhQ1 acc64 [varh]
ActVArhQ2 acc64 [varh]
ActVArhQ3 acc64 [varh]
ActVArhQ4 acc64 [varh]
VArAval int16 ^VArAval_SF [var]
VArAval_SF sunssf
WAval uint16 ^WAval_SF [W]
WAval_SF sunssf
StSetLimMsk bitfield32 =0 WMax VAMax VArAval VArMaxQ1 VArMaxQ2 VArMaxQ3 VArMaxQ4 PFMinQ1 PFMinQ2 PFMinQ3 PFMinQ4
StActCtl bitfield32 =0 FixedW FixedVAR FixedPF Volt-VAr Freq-Watt-Param Freq-Watt-Curve Dyn-Reactive-Current LVRT HVRT Watt-PF Volt-Watt 12:Scheduled LFRT HFRT
TmSrc string/4
Tms uint32 [Secs]
RtSt bitfield16 =0 LVRT_ACTIVE HVRT_ACTIVE LFRT_ACTIVE HFRT_ACTIVE
Ris uint16 ^Ris_SF [ohms]
Ris_SF sunssf

model 123 controls 24
Conn_WinTms uint16 [Secs] w
Conn_RvrtTms uint16 [Secs] w
Conn enum16 w ! =0 DISCONNECT CONNECT
WMaxLimPct uint16 ^WMaxLimPct_SF [% WMax] w !
WMaxLimPct_WinTms uint16 [Secs] w
WMaxLimPct_RvrtTms uint16 [Secs] w
WMaxLimPct_RmpTms uint16 [Secs] w
WMaxLim_Ena enum16 w ! =0 DISABLED ENABLED
OutPFSet int16 ^OutPFSet_SF [cos()] w !
OutPFSet_WinTms uint16 [Secs] w
OutPFSet_RvrtTms uint16 [Secs] w
OutPFSet_RmpTms uint16 [Secs] w
OutPFSet_Ena enum16 w ! =0 DISABLED ENABLED
VArWMaxPct int16 ^VArPct_SF [% WMax] w
VArMaxPct int16 ^VArPct_SF [% VArMax] w
VArAvalPct int16 ^VArPct_SF [% VArAval] w
VArPct_WinTms uint16 [Secs] w
VArPct_RvrtTms uint16 [Secs] w
VArPct_RmpTms uint16 [Secs] w
VArPct_Mod enum16 w =0 NONE WMax VArMax VArAval
VArPct_Ena enum16 w ! =0 DISABLED ENABLED
WMaxLimPct_SF sunssf !
OutPFSet_SF sunssf !
VArPct_SF sunssf

model 124 storage_basic 24
WChaMax uint16 ^WChaMax_SF [W] w !
WChaGra uint16 ^WChaDisChaGra_SF [% WChaMax/sec] w !
WDisChaGra uint16 ^WChaDisChaGra_SF [% WChaMax/sec] w !
StorCtl_Mod bitfield16 w ! =0 CHARGE DISCHARGE
VAChaMax uint16 ^VAChaMax_SF [VA] w
MinRsvPct uint16 ^MinRsvPct_SF [% WChaMax] w
ChaState uint16 ^ChaState_SF [% AhrRtg]
StorAval uint16 ^StorAval_SF [AH]
InBatV uint16 ^InBatV_SF [V]
ChaSt enum16 =1 OFF EMPTY DISCHARGING CHARGING FULL HOLDING TESTING
OutWRte int16 ^InOutWRte_SF [% WDisChaMax] w
InWRte int16 ^InOutWRte_SF [% WChaMax] w
InOutWRte_WinTms uint16 [Secs] w
InOutWRte_RvrtTms uint16 [Secs] w
InOutWRte_RmpTms uint16 [Secs] w
ChaGriSet enum16 w =0 PV GRID
WChaMax_SF sunssf !
WChaDisChaGra_SF sunssf !
VAChaMax_SF sunssf
MinRsvPct_SF sunssf
ChaState_SF sunssf
StorAval_SF sunssf
InBatV_SF sunssf
InOutWRte_SF sunssf

model 125 pricing 8
ModEna bitfield16 w ! =0 ENABLE
SigType enum16 w =0 UNKNOWN ABSOLUTE RELATIVE MULTIPLIER LEVEL
Sig int16 ^Sig_SF w !
WinTms uint16 [Secs] w
RvtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
Sig_SF sunssf !
Pad pad

model 127 freq_watt_param 10
WGra uint16 ^WGra_SF [% PM/Hz] w !
HzStr int16 ^HzStrStop_SF [Hz] w !
HzStop int16 ^HzStrStop_SF [Hz] w !
HysEna bitfield16 w ! =0 ENABLED
ModEna bitfield16 w ! =0 ENABLED
HzStopWGra uint16 ^RmpIncDec_SF [% WMax/min] w
WGra_SF sunssf
HzStrStop_SF sunssf
RmpIncDec_SF sunssf
Pad pad

model 128 reactive_current 14
ArGraMod enum16 w ! =0 EDGE CENTER
ArGraSag uint16 ^ArGra_SF [%ARtg/%dV] w !
ArGraSwell uint16 ^ArGra_SF [%ARtg/%dV] w !
ModEna bitfield16 w ! =0 ENABLED
FilTms uint16 [Secs] w
DbVMin uint16 ^VRefPct_SF [% VRef] w
DbVMax uint16 ^VRefPct_SF [% VRef] w
BlkZnV uint16 ^VRefPct_SF [% VRef] w
HysBlkZnV uint16 ^VRefPct_SF [% VRef] w
BlkZnTmms uint16 [mSecs] w
HoldTmms uint16 [mSecs] w
ArGra_SF sunssf !
VRefPct_SF sunssf
Pad pad

model 145 ext_settings 8
NomRmpUpRte uint16 ^Rmp_SF [Pct] w
NomRmpDnRte uint16 ^Rmp_SF [Pct] w
EmgRmpUpRte uint16 ^Rmp_SF [Pct] w
EmgRmpDnRte uint16 ^Rmp_SF [Pct] w
ConnRmpUpRte uint16 ^Rmp_SF [Pct] w
ConnRmpDnRte uint16 ^Rmp_SF [Pct] w
AGra uint16 ^Rmp_SF [Pct] w
Rmp_SF sunssf
`;
