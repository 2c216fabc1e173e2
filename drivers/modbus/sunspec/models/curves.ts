/** SunSpec models 126 and 129 to 144: what inverters do along curves and schedules. The grammar is in ../table.ts. */
export const CURVE_MODELS = `
model 126 volt_var 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
V_SF sunssf !
DeptRef_SF sunssf !
RmpIncDec_SF sunssf
group curve * 54
  ActPt uint16 w !
  DeptRef enum16 w ! =1 WMax VArMax VArAval
  each 1..20
    V# uint16 ^V_SF [% VRef] w
    VAr# int16 ^DeptRef_SF w
  CrvNam string/8 w
  RmpTms uint16 [Secs] w
  RmpDecTmm uint16 ^RmpIncDec_SF [% ref_value/min] w
  RmpIncTmm uint16 ^RmpIncDec_SF [% ref_value/min] w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 129 lvrt 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
Tms_SF sunssf !
V_SF sunssf !
Pad pad
group curve * 50
  ActPt uint16 w !
  each 1..20
    Tms# uint16 ^Tms_SF [Secs] w
    V# uint16 ^V_SF [% VRef] w
  CrvNam string/8 w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 130 hvrt 10 like 129

model 131 watt_pf 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
W_SF sunssf !
PF_SF sunssf !
RmpIncDec_SF sunssf
group curve * 54
  ActPt uint16 w !
  each 1..20
    W# int16 ^W_SF [% WMax] w
    PF# int16 ^PF_SF [cos()] w
  CrvNam string/8 w
  RmpPT1Tms uint16 [Secs] w
  RmpDecTmm uint16 ^RmpIncDec_SF [% PF/min] w
  RmpIncTmm uint16 ^RmpIncDec_SF [% PF/min] w
  ReadOnly enum16 ! =0 READWRITE READONLY
  Pad pad

model 132 volt_watt 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
V_SF sunssf !
DeptRef_SF sunssf !
RmpIncDec_SF sunssf
group curve * 54
  ActPt uint16 w !
  DeptRef enum16 w ! =1 %WMax %WAval
  each 1..20
    V# uint16 ^V_SF [% VRef] w
    W# int16 ^DeptRef_SF [% VRef] w
  CrvNam string/8 w
  RmpPt1Tms uint16 [Secs] w
  RmpDecTmm uint16 ^RmpIncDec_SF [% DeptRef/min] w
  RmpIncTmm uint16 ^RmpIncDec_SF [% DeptRef/min] w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 133 schedule 6
ActSchd bitfield32 w !
ModEna bitfield16 w ! =0 ENABLED
NSchd uint16 !
NPts uint16 !
Pad pad
group schedule * 60
  ActPts uint16 w !
  StrTms uint32 [Secs] w !
  RepPer uint16 w !
  IntvTyp enum16 w ! =0 ONETIME DAILY WEEKLY MONTHLY WEEKDAY HOLIDAY WEEKEND YEARLY
  XTyp enum16 w ! =0 UNSET TIME TEMP PRICE 99:OTHER
  X_SF sunssf w !
  YTyp enum16 w ! =0 UNSET WMax RSRVD2 PF RSRVD4 WATT_PRICE VAR_PRICE RSRVD7 VOLT_VAR_ARRAY WChaGra WDisChaGra VArAval Schedule 99:OTHER
  Y_SF sunssf w !
  each 1..10
    X# int32 ^X_SF w
    Y# int32 ^Y_SF w
  Nam string/8 w
  WinTms uint16 [Secs] w
  RmpTms uint16 [Secs] w
  ActIndx uint16 !

model 134 freq_watt 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
Hz_SF sunssf !
W_SF sunssf !
RmpIncDec_SF sunssf
group curve * 58
  ActPt uint16 w !
  each 1..20
    Hz# uint16 ^Hz_SF [Hz] w
    W# int16 ^W_SF [% WRef] w
  CrvNam string/8 w
  RmpPT1Tms uint16 [Secs] w
  RmpDecTmm uint16 ^RmpIncDec_SF [% WMax/min] w
  RmpIncTmm uint16 ^RmpIncDec_SF [% WMax/min] w
  RmpRsUp uint16 ^RmpIncDec_SF [% WMax/min] w
  SnptW bitfield16 w !
  WRef uint16 ^W_SF [W] w
  WRefStrHz uint16 ^Hz_SF [Hz] w
  WRefStopHz uint16 ^Hz_SF [Hz] w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 135 lfrt 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
Tms_SF sunssf !
Hz_SF sunssf !
Pad pad
group curve * 50
  ActPt uint16 w !
  each 1..20
    Tms# uint16 ^Tms_SF [Secs] w
    Hz# uint16 ^Hz_SF [Hz] w
  CrvNam string/8 w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 136 hfrt 10 like 135
model 137 lvrtc 10 like 129
model 138 hvrtc 10 like 129

model 139 lvrtx 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
Tms_SF sunssf !
V_SF sunssf !
CrvType enum16 ! =1 CEASE_TO_ENERGIZE
group curve * 50
  ActPt uint16 w !
  each 1..20
    Tms# uint16 ^Tms_SF [Secs] w
    V# uint16 ^V_SF [% VRef] w
  CrvNam string/8 w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 140 hvrtx 10 like 139
model 141 lfrtc 10 like 135
model 142 hfrtc 10 like 135

model 143 lfrtx 10
ActCrv uint16 w !
ModEna bitfield16 w ! =0 ENABLED
WinTms uint16 [Secs] w
RvrtTms uint16 [Secs] w
RmpTms uint16 [Secs] w
NCrv uint16 !
NPt uint16 !
Tms_SF sunssf !
Hz_SF sunssf !
CrvType enum16 ! =1 CEASE_TO_ENERGIZE
group curve * 50
  ActPt uint16 w !
  each 1..20
    Tms# uint16 ^Tms_SF [Secs] w
    Hz# uint16 ^Hz_SF [Hz] w
  CrvNam string/8 w
  ReadOnly enum16 ! =0 READWRITE READONLY

model 144 hfrtx 10 like 143
`;
