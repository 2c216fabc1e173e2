/** SunSpec models 302 to 601: weather, string combiners, modules, trackers. The grammar is in ../table.ts. */
export const PLANT_MODELS = `
model 302 irradiance 0
group repeating * 5
  GHI uint16 [W/m2]
  POAI uint16 [W/m2]
  DFI uint16 [W/m2]
  DNI uint16 [W/m2]
  OTI uint16 [W/m2]

model 303 bom_temp 0
group temp * 1
  TmpBOM int16 ^-1 [C] !

model 304 inclinometer 0
group incl * 6
  Inclx int32 ^-2 [Degrees] !
  Incly int32 ^-2 [Degrees]
  Inclz int32 ^-2 [Degrees]

model 305 location 36
Tm string/6 [hhmmss.sssZ]
Date string/4 [YYYYMMDD]
Loc string/20 [text]
Lat int32 ^-7 [Degrees]
Long int32 ^-7 [Degrees]
Alt int32 [meters]

model 306 ref_point 4
GHI uint16 [W/m2]
A uint16
V uint16
Tmp uint16

model 307 base_met 11
TmpAmb int16 ^-1 [C]
RH int16 [Pct]
Pres int16 [HPa]
WndSpd int16 [mps]
WndDir int16 [deg]
Rain int16 [mm]
Snw int16 [mm]
PPT int16
ElecFld int16 [Vm]
SurWet int16 [kO]
SoilWet int16 [Pct]

model 308 mini_met 4
GHI uint16 [W/m2]
TmpBOM int16 ^-1 [C]
TmpAmb int16 ^-1 [C]
WndSpd uint16 [m/s]

model 401 string_combiner_current 14
DCA_SF sunssf !
DCAhr_SF sunssf
DCV_SF sunssf
DCAMax uint16 ^DCA_SF [A] !
N count !
Evt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
EvtVnd bitfield32
DCA int16 ^DCA_SF [A] !
DCAhr uint32 ^DCAhr_SF [Ah]
DCV uint16 ^DCV_SF [V]
Tmp int16 [C]
group string * 8
  InID uint16 !
  InEvt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
  InEvtVnd bitfield32
  InDCA int16 ^DCA_SF [A] !
  InDCAhr uint32 ^DCAhr_SF [Ah]

model 402 string_combiner_advanced 20
DCA_SF sunssf !
DCAhr_SF sunssf
DCV_SF sunssf
DCW_SF sunssf
DCWh_SF sunssf !
DCAMax uint16 [A]
N count
Evt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
EvtVnd bitfield32
DCA int16 ^DCA_SF [A] !
DCAhr uint32 ^DCAhr_SF [Ah]
DCV uint16 ^DCV_SF [V]
Tmp int16 [C]
DCW int16 ^DCW_SF [W]
DCPR uint16 [Pct]
DCWh uint32 ^DCWh_SF [Wh] !
group string * 14
  InID uint16 !
  InEvt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
  EvtVnd bitfield32
  InDCA int16 ^DCA_SF [A] !
  InDCAhr uint32 ^DCAhr_SF [Ah]
  InDCV uint16 ^DCV_SF [V]
  InDCW int16 ^DCWh_SF [W]
  InDCWh uint32 [Wh]
  InDCPR uint16 [Pct]
  InN uint16

model 403 string_combiner_current_input 16
DCA_SF sunssf !
DCAhr_SF sunssf
DCV_SF sunssf
DCAMax uint16 ^DCA_SF [A] !
N count !
Evt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
EvtVnd bitfield32
DCA int16 ^DCA_SF [A] !
DCAhr acc32 ^DCAhr_SF [Ah]
DCV int16 ^DCV_SF [V]
Tmp int16 [C]
InDCA_SF sunssf
InDCAhr_SF sunssf
group string * 8
  InID uint16 !
  InEvt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
  InEvtVnd bitfield32
  InDCA int16 ^InDCA_SF [A] !
  InDCAhr acc32 ^InDCAhr_SF [Ah]

model 404 string_combiner_advanced_inputs 25
DCA_SF sunssf !
DCAhr_SF sunssf
DCV_SF sunssf
DCW_SF sunssf
DCWh_SF sunssf
DCAMax uint16 ^DCA_SF [A] !
N count !
Evt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
EvtVnd bitfield32
DCA int16 ^DCA_SF [A] !
DCAhr acc32 ^DCAhr_SF [Ah]
DCV int16 ^DCV_SF [V]
Tmp int16 [C]
DCW int16 ^DCW_SF [W]
DCPR int16 [Pct]
DCWh acc32 ^DCWh_SF [Wh]
InDCA_SF sunssf
InDCAhr_SF sunssf
InDCV_SF sunssf
InDCW_SF sunssf
InDCWh_SF sunssf
group string * 14
  InID uint16 !
  InEvt bitfield32 ! =0 LOW_VOLTAGE LOW_POWER LOW_EFFICIENCY CURRENT VOLTAGE POWER PR DISCONNECTED FUSE_FAULT COMBINER_FUSE_FAULT COMBINER_CABINET_OPEN TEMP GROUNDFAULT REVERSED_POLARITY INCOMPATIBLE COMM_ERROR INTERNAL_ERROR THEFT ARC_DETECTED
  InEvtVnd bitfield32
  InDCA int16 ^InDCA_SF [A] !
  InDCAhr acc32 ^InDCAhr_SF [Ah]
  InDCV int16 ^InDCV_SF [V]
  InDCW int16 ^InDCW_SF [W]
  InDCWh acc32 ^InDCWh_SF [Wh]
  InDCPR uint16 [Pct]
  InN uint16

model 501 solar_module_float 31
Stat enum16 ! =1 OFF SLEEPING STARTING MPPT THROTTLED SHUTTING_DOWN FAULT STANDBY TEST OTHER
StatVend enum16
Evt bitfield32 ! =0 GROUND_FAULT INPUT_OVER_VOLTAGE RESERVED_2 DC_DISCONNECT RESERVED_4 RESERVED_5 MANUAL_SHUTDOWN OVER_TEMPERATURE RESERVED_8 RESERVED_9 RESERVED_10 RESERVED_11 BLOWN_FUSE UNDER_TEMPERATURE MEMORY_LOSS ARC_DETECTION THEFT_DETECTION OUTPUT_OVER_CURRENT OUTPUT_OVER_VOLTAGE OUTPUT_UNDER_VOLTAGE TEST_FAILED
EvtVend bitfield32
Ctl enum16 w
CtlVend enum32 w
CtlVal int32 w
Tms uint32 [Secs]
OutA float32 [A]
OutV float32 [V]
OutWh float32 [Wh]
OutW float32 [W]
Tmp float32 [C]
InA float32 [A]
InV float32 [V]
InWh float32 [Wh]
InW float32 [W]

model 502 solar_module 28
A_SF sunssf
V_SF sunssf
W_SF sunssf
Wh_SF sunssf
Stat enum16 ! =1 OFF SLEEPING STARTING MPPT THROTTLED SHUTTING_DOWN FAULT STANDBY TEST OTHER
StatVend enum16
Evt bitfield32 ! =0 GROUND_FAULT INPUT_OVER_VOLTAGE RESERVED_2 DC_DISCONNECT RESERVED_4 RESERVED_5 MANUAL_SHUTDOWN OVER_TEMPERATURE RESERVED_8 RESERVED_9 RESERVED_10 RESERVED_11 BLOWN_FUSE UNDER_TEMPERATURE MEMORY_LOSS ARC_DETECTION THEFT_DETECTION OUTPUT_OVER_CURRENT OUTPUT_OVER_VOLTAGE OUTPUT_UNDER_VOLTAGE TEST_FAILED
EvtVend bitfield32
Ctl enum16 w
CtlVend enum32 w
CtlVal int32 w
Tms uint32 [Secs]
OutA int16 ^A_SF [A]
OutV int16 ^V_SF [V]
OutWh acc32 ^Wh_SF [Wh]
OutPw int16 ^W_SF [W]
Tmp int16 [C]
InA int16 ^A_SF [A]
InV int16 ^V_SF [V]
InWh acc32 ^Wh_SF [Wh]
InW int16 ^W_SF [W]

model 601 tracker_controller 26
Nam string/8
Typ enum16 ! =0 Unknown Fixed Horizontal Tilted Azimuth Dual 99:Other
DtLoc string/5 [YYYYMMDD]
TmLoc string/3 [hhmmss]
Day uint16
GlblElCtl int32 ^Dgr_SF [Degrees] w
GlblAzCtl int32 ^Dgr_SF [Degrees] w
GlblCtl enum16 w =0 Automatic Manual Calibrate
GlblAlm bitfield16 =0 SetPoint ObsEl ObsAz
Dgr_SF sunssf !
N uint16 !
group tracker * 22
  Id string/8
  ElTrgt int32 ^Dgr_SF [Degrees]
  AzTrgt int32 ^Dgr_SF [Degrees]
  ElPos int32 ^Dgr_SF [Degrees]
  AzPos int32 ^Dgr_SF [Degrees]
  ElCtl int32 ^Dgr_SF [Degrees] w
  AzCtl int32 ^Dgr_SF [Degrees] w
  Ctl enum16 w =0 Automatic Manual Calibrate
  Alm bitfield16 =0 SetPoint ObsEl ObsAz
`;
