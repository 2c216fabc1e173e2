/** SunSpec models 701 to 704 and 713 to 715: distributed resources after IEEE 1547. The grammar is in ../table.ts. */
export const RESOURCE_MODELS = `
model 701 DERMeasureAC 153
ACType enum16 ! =0 SINGLE_PHASE SPLIT_PHASE THREE_PHASE
St enum16 =0 OFF ON
InvSt enum16 =0 OFF SLEEPING STARTING RUNNING THROTTLED SHUTTING_DOWN FAULT STANDBY
ConnSt enum16 =0 DISCONNECTED CONNECTED
Alrm bitfield32 =0 GROUND_FAULT DC_OVER_VOLT AC_DISCONNECT DC_DISCONNECT GRID_DISCONNECT CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP OVER_FREQUENCY UNDER_FREQUENCY AC_OVER_VOLT AC_UNDER_VOLT BLOWN_STRING_FUSE UNDER_TEMP MEMORY_LOSS HW_TEST_FAILURE MANUFACTURER_ALRM
DERMode bitfield32 =0 GRID_FOLLOWING GRID_FORMING PV_CLIPPED
W int16 ^W_SF [W]
VA int16 ^VA_SF [VA]
Var int16 ^Var_SF [Var]
PF int16 ^PF_SF
A int16 ^A_SF [A]
LLV uint16 ^V_SF [V]
LNV uint16 ^V_SF [V]
Hz uint32 ^Hz_SF [Hz]
TotWhInj uint64 ^TotWh_SF [Wh]
TotWhAbs uint64 ^TotWh_SF [Wh]
TotVarhInj uint64 ^TotVarh_SF [Varh]
TotVarhAbs uint64 ^TotVarh_SF [Varh]
TmpAmb int16 ^Tmp_SF [C]
TmpCab int16 ^Tmp_SF [C]
TmpSnk int16 ^Tmp_SF [C]
TmpTrns int16 ^Tmp_SF [C]
TmpSw int16 ^Tmp_SF [C]
TmpOt int16 ^Tmp_SF [C]
WL1 int16 ^W_SF [W]
VAL1 int16 ^VA_SF [VA]
VarL1 int16 ^Var_SF [Var]
PFL1 int16 ^PF_SF
AL1 int16 ^A_SF [A]
VL1L2 uint16 ^V_SF [V]
VL1 uint16 ^V_SF [V]
TotWhInjL1 uint64 ^TotWh_SF [Wh]
TotWhAbsL1 uint64 ^TotWh_SF [Wh]
TotVarhInjL1 uint64 ^TotVarh_SF [Varh]
TotVarhAbsL1 uint64 ^TotVarh_SF [Varh]
WL2 int16 ^W_SF [W]
VAL2 int16 ^VA_SF [VA]
VarL2 int16 ^Var_SF [Var]
PFL2 int16 ^PF_SF
AL2 int16 ^A_SF [A]
VL2L3 uint16 ^V_SF [V]
VL2 uint16 ^V_SF [V]
TotWhInjL2 uint64 ^TotWh_SF [Wh]
TotWhAbsL2 uint64 ^TotWh_SF [Wh]
TotVarhInjL2 uint64 ^TotVarh_SF [Varh]
TotVarhAbsL2 uint64 ^TotVarh_SF [Varh]
WL3 int16 ^W_SF [W]
VAL3 int16 ^VA_SF [VA]
VarL3 int16 ^Var_SF [Var]
PFL3 int16 ^PF_SF
AL3 int16 ^A_SF [A]
VL3L1 uint16 ^V_SF [V]
VL3 uint16 ^V_SF [V]
TotWhInjL3 uint64 ^TotWh_SF [Wh]
TotWhAbsL3 uint64 ^TotWh_SF [Wh]
TotVarhInjL3 uint64 ^TotVarh_SF [Varh]
TotVarhAbsL3 uint64 ^TotVarh_SF [Varh]
ThrotPct uint16 [Pct]
ThrotSrc bitfield32 =0 MAX_W FIXED_W FIXED_VAR FIXED_PF VOLT_VAR FREQ_WATT DYN_REACT_CURR LVRT HVRT WATT_VAR VOLT_WATT SCHEDULED LFRT HFRT DERATED
A_SF sunssf
V_SF sunssf
Hz_SF sunssf
W_SF sunssf
PF_SF sunssf
VA_SF sunssf
Var_SF sunssf
TotWh_SF sunssf
TotVarh_SF sunssf
Tmp_SF sunssf
MnAlrmInfo string/32

model 702 DERCapacity 50
WMaxRtg uint16 ^W_SF [W]
WOvrExtRtg uint16 ^W_SF [W]
WOvrExtRtgPF uint16 ^PF_SF
WUndExtRtg uint16 ^W_SF [W]
WUndExtRtgPF uint16 ^PF_SF
VAMaxRtg uint16 ^VA_SF [VA]
VarMaxInjRtg uint16 ^Var_SF [Var]
VarMaxAbsRtg uint16 ^Var_SF [Var]
WChaRteMaxRtg uint16 ^W_SF [W]
WDisChaRteMaxRtg uint16 ^W_SF [W]
VAChaRteMaxRtg uint16 ^VA_SF [VA]
VADisChaRteMaxRtg uint16 ^VA_SF [VA]
VNomRtg uint16 ^V_SF [V]
VMaxRtg uint16 ^V_SF [V]
VMinRtg uint16 ^V_SF [V]
AMaxRtg uint16 ^A_SF [A]
PFOvrExtRtg uint16 ^PF_SF
PFUndExtRtg uint16 ^PF_SF
ReactSusceptRtg uint16 ^S_SF [S]
NorOpCatRtg enum16 =0 CAT_A CAT_B
AbnOpCatRtg enum16 =0 CAT_1 CAT_2 CAT_3
CtrlModes bitfield32 =0 MAX_W FIXED_W FIXED_VAR FIXED_PF VOLT_VAR FREQ_WATT DYN_REACT_CURR LV_TRIP HV_TRIP WATT_VAR VOLT_WATT SCHEDULED LF_TRIP HF_TRIP
IntIslandCatRtg bitfield16 =0 UNCATEGORIZED INT_ISL_CAPABLE BLACK_START_CAPABLE ISOCH_CAPABLE
WMax uint16 ^W_SF [W] w
WMaxOvrExt uint16 ^W_SF [W] w
WOvrExtPF uint16 ^PF_SF w
WMaxUndExt uint16 ^W_SF [W] w
WUndExtPF uint16 ^PF_SF w
VAMax uint16 ^VA_SF [VA] w
VarMaxInj uint16 ^Var_SF [Var] w
VarMaxAbs uint16 ^Var_SF [Var] w
WChaRteMax uint16 ^W_SF [W] w
WDisChaRteMax uint16 ^W_SF [W] w
VAChaRteMax uint16 ^VA_SF [VA] w
VADisChaRteMax uint16 ^VA_SF [VA] w
VNom uint16 ^V_SF [V] w
VMax uint16 ^V_SF [V] w
VMin uint16 ^V_SF [V] w
AMax uint16 ^A_SF [A] w
PFOvrExt uint16 ^PF_SF w
PFUndExt uint16 ^PF_SF w
IntIslandCat bitfield16 w =0 UNCATEGORIZED INT_ISL_CAPABLE BLACK_START_CAPABLE ISOCH_CAPABLE
W_SF sunssf
PF_SF sunssf
VA_SF sunssf
Var_SF sunssf
V_SF sunssf
A_SF sunssf
S_SF sunssf

model 703 DEREnterService 17
ES enum16 w =0 DISABLED ENABLED
ESVHi uint16 ^V_SF [Pct] w
ESVLo uint16 ^V_SF [Pct] w
ESHzHi uint32 ^Hz_SF [Hz] w
ESHzLo uint32 ^Hz_SF [Hz] w
ESDlyTms uint32 [Secs] w
ESRndTms uint32 [Secs] w
ESRmpTms uint32 [Secs] w
ESDlyRemTms uint32 [Secs]
V_SF sunssf
Hz_SF sunssf

model 704 DERCtlAC 57
PFWInjEna enum16 w =0 DISABLED ENABLED
PFWInjEnaRvrt enum16 w =0 DISABLED ENABLED
PFWInjRvrtTms uint32 [Secs] w
PFWInjRvrtRem uint32 [Secs]
PFWAbsEna enum16 w =0 DISABLED ENABLED
PFWAbsEnaRvrt enum16 w =0 DISABLED ENABLED
PFWAbsRvrtTms uint32 [Secs] w
PFWAbsRvrtRem uint32 [Secs]
WMaxLimPctEna enum16 w =0 DISABLED ENABLED
WMaxLimPct uint16 ^WMaxLimPct_SF [Pct] w
WMaxLimPctRvrt uint16 ^WMaxLimPct_SF [Pct] w
WMaxLimPctEnaRvrt enum16 w =0 DISABLED ENABLED
WMaxLimPctRvrtTms uint32 [Secs] w
WMaxLimPctRvrtRem uint32 [Secs]
WSetEna enum16 w =0 DISABLED ENABLED
WSetMod enum16 w =0 W_MAX_PCT WATTS
WSet int32 ^WSet_SF [W] w
WSetRvrt int32 ^WSet_SF [W] w
WSetPct int16 ^WSetPct_SF [Pct] w
WSetPctRvrt int16 ^WSetPct_SF [Pct] w
WSetEnaRvrt enum16 w =0 DISABLED ENABLED
WSetRvrtTms uint32 [Secs] w
WSetRvrtRem uint32 [Secs]
VarSetEna enum16 w =0 DISABLED ENABLED
VarSetMod enum16 w =0 W_MAX_PCT VAR_MAX_PCT VAR_AVAIL_PCT VA_MAX_PCT VARS
VarSetPri enum16 w =0 ACTIVE REACTIVE VENDOR
VarSet int32 ^VarSet_SF [Var] w
VarSetRvrt int32 ^VarSet_SF [Var] w
VarSetPct int16 ^VarSetPct_SF [Pct] w
VarSetPctRvrt int16 ^VarSetPct_SF [Pct] w
VarSetEnaRvrt enum16 w =0 DISABLED ENABLED
VarSetRvrtTms uint32 [Secs] w
VarSetRvrtRem uint32 [Secs]
WRmp uint16 [%Max/Sec] w
WRmpRef enum16 w =0 A_MAX W_MAX
VarRmp uint16 [%Max/Sec] w
AntiIslEna enum16 w =0 DISABLED ENABLED
PF_SF sunssf
WMaxLimPct_SF sunssf
WSet_SF sunssf
WSetPct_SF sunssf
VarSet_SF sunssf
VarSetPct_SF sunssf
group PFWInj 1 2
  PF uint16 ^PF_SF w
  Ext enum16 w =0 OVER_EXCITED UNDER_EXCITED
group PFWInjRvrt 1 2
  PF uint16 ^PF_SF w
  Ext enum16 w =0 OVER_EXCITED UNDER_EXCITED
group PFWAbs 1 2
  PF uint16 ^PF_SF w
  Ext enum16 w =0 OVER_EXCITED UNDER_EXCITED
group PFWAbsRvrt 1 2
  PF uint16 ^PF_SF w
  Ext enum16 w =0 OVER_EXCITED UNDER_EXCITED

model 713 DERStorageCapacity 7
WHRtg uint16 ^WH_SF [WH]
WHAvail uint16 ^WH_SF [WH]
SoC uint16 ^Pct_SF [Pct]
SoH uint16 ^Pct_SF [Pct]
Sta enum16 =0 OK WARNING ERROR
WH_SF sunssf
Pct_SF sunssf

model 714 DERMeasureDC 18
PrtAlrms bitfield32
NPrt uint16
DCA int16 ^DCA_SF [A]
DCW int16 ^DCW_SF [W]
DCWhInj uint64 ^DCWH_SF [Wh]
DCWhAbs uint64 ^DCWH_SF [Wh]
DCA_SF sunssf
DCV_SF sunssf
DCW_SF sunssf
DCWH_SF sunssf
Tmp_SF sunssf
group Prt NPrt 25
  PrtTyp enum16 =0 PV ESS EV INJ ABS BIDIR DC_DC
  ID uint16
  IDStr string/8
  DCA int16 ^DCA_SF [A]
  DCV uint16 ^DCV_SF [V]
  DCW int16 ^DCW_SF [W]
  DCWhInj uint64 ^DCWH_SF [Wh]
  DCWhAbs uint64 ^DCWH_SF [Wh]
  Tmp int16 ^Tmp_SF [C]
  DCSta enum16 =0 OFF ON WARNING ERROR
  DCAlrm bitfield32 =0 GROUND_FAULT INPUT_OVER_VOLTAGE 3:DC_DISCONNECT 5:CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP 12:BLOWN_FUSE UNDER_TEMP MEMORY_LOSS ARC_DETECTION 19:RESERVED TEST_FAILED INPUT_UNDER_VOLTAGE INPUT_OVER_CURRENT

model 715 DERCtl 7
LocRemCtl enum16 =0 REMOTE LOCAL
DERHb uint32
ControllerHb uint32 w
AlarmReset uint16 w
OpCtl enum16 w =0 STOP START ENTER_STANDBY EXIT_STANDBY
`;
