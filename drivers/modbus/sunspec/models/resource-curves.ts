/** SunSpec models 705 to 712: what distributed resources do along curves. The grammar is in ../table.ts. */
export const RESOURCE_CURVE_MODELS = `
model 705 DERVoltVar 13
Ena enum16 w ! =0 DISABLED ENABLED
AdptCrvReq uint16 w !
AdptCrvRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NPt uint16 !
NCrv uint16 !
RvrtTms uint32 [Secs] w
RvrtRem uint32 [Secs]
RvrtCrv uint16 w
V_SF sunssf !
DeptRef_SF sunssf !
RspTms_SF sunssf !
group Crv NCrv 10
  ActPt uint16 w !
  DeptRef enum16 w ! =0 W_MAX_PCT VAR_MAX_PCT VAR_AVAL_PCT VA_MAX_PCT
  Pri enum16 w =0 ACTIVE REACTIVE VENDOR
  VRef uint16 ^V_SF [VNomPct] w
  VRefAuto uint16 ^V_SF [VNomPct]
  VRefAutoEna enum16 w =0 DISABLED ENABLED
  VRefAutoTms uint16 [Secs] w
  RspTms uint32 ^RspTms_SF [Secs] w
  ReadOnly enum16 ! =0 RW R
  group Pt NPt 2
    V uint16 ^V_SF [VNomPct] w !
    Var int16 ^DeptRef_SF [VarPct] w !

model 706 DERVoltWatt 13
Ena enum16 w ! =0 DISABLED ENABLED
AdptCrvReq uint16 w !
AdptCrvRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NPt uint16 !
NCrv uint16 !
RvrtTms uint32 [Secs] w
RvrtRem uint32 [Secs]
RvrtCrv uint16 w
V_SF sunssf !
DeptRef_SF sunssf !
RspTms_SF sunssf !
group Crv NCrv 5
  ActPt uint16 w !
  DeptRef enum16 w ! =0 W_MAX_PCT W_AVAL_PCT
  RspTms uint32 ^RspTms_SF [Secs] w
  ReadOnly enum16 ! =0 RW R
  group Pt NPt 2
    V uint16 ^V_SF [VNomPct] w !
    W int16 ^DeptRef_SF [WMaxPct] w !

model 707 DERTripLV 7
Ena enum16 w ! =0 DISABLED ENABLED
AdptCrvReq uint16 w !
AdptCrvRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NPt uint16 !
NCrvSet uint16 !
V_SF sunssf !
Tms_SF sunssf !
group Crv NCrvSet 1
  ReadOnly enum16 ! =0 RW R
  group MustTrip 1 1
    ActPt uint16 w !
    group Pt NPt 3
      V uint16 ^V_SF [VNomPct] w !
      Tms uint32 ^Tms_SF [Secs] w !
  group MayTrip 1 1
    ActPt uint16 w !
    group Pt NPt 3
      V uint16 ^V_SF [VNomPct] w !
      Tms uint32 ^Tms_SF [Secs] w !
  group MomCess 1 1
    ActPt uint16 w !
    group Pt NPt 3
      V uint16 ^V_SF [VNomPct] w !
      Tms uint32 ^Tms_SF [Secs] w !

model 708 DERTripHV 7 like 707

model 709 DERTripLF 7
Ena enum16 w ! =0 DISABLED ENABLED
AdptCrvReq uint16 w !
AdptCrvRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NPt uint16 !
NCrvSet uint16 !
Hz_SF sunssf !
Tms_SF sunssf !
group Crv NCrvSet 1
  ReadOnly enum16 ! =0 RW R
  group MustTrip 1 1
    ActPt uint16 w !
    group Pt NPt 4
      Hz uint32 ^Hz_SF [Hz] w !
      Tms uint32 ^Tms_SF [Secs] w !
  group MayTrip 1 1
    ActPt uint16 w !
    group Pt NPt 4
      Hz uint32 ^Hz_SF [Hz] w !
      Tms uint32 ^Tms_SF [Secs] w !
  group MomCess 1 1
    ActPt uint16 w !
    group Pt NPt 4
      Hz uint32 ^Hz_SF [Hz] w !
      Tms uint32 ^Tms_SF [Secs] w !

model 710 DERTripHF 7 like 709

model 711 DERFreqDroop 12
Ena enum16 w ! =0 DISABLED ENABLED
AdptCtlReq uint16 w !
AdptCtlRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NCtl uint16 !
RvrtTms uint32 [Secs] w
RvrtRem uint32 [Secs]
RvrtCtl uint16 w
Db_SF sunssf !
K_SF sunssf !
RspTms_SF sunssf !
group Ctl NCtl 10
  DbOf uint32 ^Db_SF [Hz] w !
  DbUf uint32 ^Db_SF [Hz] w !
  KOf uint16 ^K_SF w !
  KUf uint16 ^K_SF w !
  RspTms uint32 ^RspTms_SF [Secs] w !
  PMin int16 [Pct] w
  ReadOnly enum16 ! =0 RW R

model 712 DERWattVar 12
Ena enum16 w ! =0 DISABLED ENABLED
AdptCrvReq uint16 w !
AdptCrvRslt enum16 ! =0 IN_PROGRESS COMPLETED FAILED
NPt uint16 !
NCrv uint16 !
RvrtTms uint32 [Secs] w
RvrtRem uint32 [Secs]
RvrtCrv uint16 w
W_SF sunssf !
DeptRef_SF sunssf !
group Crv NCrv 4
  ActPt uint16 w !
  DeptRef enum16 w ! =0 W_MAX_PCT VAR_MAX_PCT VAR_AVAL_PCT VA_MAX_PCT
  Pri enum16 w =0 ACTIVE REACTIVE
  ReadOnly enum16 ! =0 RW R
  group Pt NPt 2
    W int16 ^W_SF [WMaxPct] w !
    Var int16 ^DeptRef_SF [VarPct] w !
`;
