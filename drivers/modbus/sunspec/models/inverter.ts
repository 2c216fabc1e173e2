/** SunSpec models 101 to 113, 160: what an inverter measures. The grammar is in ../table.ts. */
export const INVERTER_MODELS = `
model 101 inverter_single_phase 50
A uint16 ^A_SF [A] !
AphA uint16 ^A_SF [A] !
AphB uint16 ^A_SF [A]
AphC uint16 ^A_SF [A]
A_SF sunssf !
PPVphAB uint16 ^V_SF [V]
PPVphBC uint16 ^V_SF [V]
PPVphCA uint16 ^V_SF [V]
PhVphA uint16 ^V_SF [V] !
PhVphB uint16 ^V_SF [V]
PhVphC uint16 ^V_SF [V]
V_SF sunssf !
W int16 ^W_SF [W] !
W_SF sunssf !
Hz uint16 ^Hz_SF [Hz] !
Hz_SF sunssf !
VA int16 ^VA_SF [VA]
VA_SF sunssf
VAr int16 ^VAr_SF [var]
VAr_SF sunssf
PF int16 ^PF_SF [Pct]
PF_SF sunssf
WH acc32 ^WH_SF [Wh] !
WH_SF sunssf !
DCA uint16 ^DCA_SF [A]
DCA_SF sunssf
DCV uint16 ^DCV_SF [V]
DCV_SF sunssf
DCW int16 ^DCW_SF [W]
DCW_SF sunssf
TmpCab int16 ^Tmp_SF [C] !
TmpSnk int16 ^Tmp_SF [C]
TmpTrns int16 ^Tmp_SF [C]
TmpOt int16 ^Tmp_SF [C]
Tmp_SF sunssf !
St enum16 ! =1 OFF SLEEPING STARTING MPPT THROTTLED SHUTTING_DOWN FAULT STANDBY
StVnd enum16
Evt1 bitfield32 ! =0 GROUND_FAULT DC_OVER_VOLT AC_DISCONNECT DC_DISCONNECT GRID_DISCONNECT CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP OVER_FREQUENCY UNDER_FREQUENCY AC_OVER_VOLT AC_UNDER_VOLT BLOWN_STRING_FUSE UNDER_TEMP MEMORY_LOSS HW_TEST_FAILURE
Evt2 bitfield32 !
EvtVnd1 bitfield32
EvtVnd2 bitfield32
EvtVnd3 bitfield32
EvtVnd4 bitfield32

model 102 inverter_split_phase 50 like 101 ! AphB PhVphB
model 103 inverter_three_phase 50 like 101 ! AphB AphC PhVphB PhVphC

model 111 inverter_single_phase_float 60
A float32 [A] !
AphA float32 [A] !
AphB float32 [A]
AphC float32 [A]
PPVphAB float32 [V]
PPVphBC float32 [V]
PPVphCA float32 [V]
PhVphA float32 [V] !
PhVphB float32 [V]
PhVphC float32 [V]
W float32 [W] !
Hz float32 [Hz] !
VA float32 [VA]
VAr float32 [var]
PF float32 [Pct]
WH float32 [Wh] !
DCA float32 [A]
DCV float32 [V]
DCW float32 [W]
TmpCab float32 [C] !
TmpSnk float32 [C]
TmpTrns float32 [C]
TmpOt float32 [C]
St enum16 ! =1 OFF SLEEPING STARTING MPPT THROTTLED SHUTTING_DOWN FAULT STANDBY
StVnd enum16
Evt1 bitfield32 ! =0 GROUND_FAULT DC_OVER_VOLT AC_DISCONNECT DC_DISCONNECT GRID_DISCONNECT CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP OVER_FREQUENCY UNDER_FREQUENCY AC_OVER_VOLT AC_UNDER_VOLT BLOWN_STRING_FUSE UNDER_TEMP MEMORY_LOSS HW_TEST_FAILURE
Evt2 bitfield32 !
EvtVnd1 bitfield32
EvtVnd2 bitfield32
EvtVnd3 bitfield32
EvtVnd4 bitfield32

model 112 inverter_split_phase_float 60 like 111 ! AphB PhVphB
model 113 inverter_three_phase_float 60 like 111 ! AphB AphC PhVphB PhVphC

model 160 mppt 8
DCA_SF sunssf
DCV_SF sunssf
DCW_SF sunssf
DCWH_SF sunssf
Evt bitfield32 =0 GROUND_FAULT INPUT_OVER_VOLTAGE RESERVED_2 DC_DISCONNECT RESERVED_4 CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP RESERVED_8 RESERVED_9 RESERVED_10 RESERVED_11 BLOWN_FUSE UNDER_TEMP MEMORY_LOSS ARC_DETECTION RESERVED_16 RESERVED_17 RESERVED_18 RESERVED_19 TEST_FAILED INPUT_UNDER_VOLTAGE INPUT_OVER_CURRENT
N count
TmsPer uint16
group module * 20
  ID uint16
  IDStr string/8
  DCA uint16 ^DCA_SF [A]
  DCV uint16 ^DCV_SF [V]
  DCW uint16 ^DCW_SF [W]
  DCWH acc32 ^DCWH_SF [Wh]
  Tms uint32 [Secs]
  Tmp int16 [C]
  DCSt enum16 =1 OFF SLEEPING STARTING MPPT THROTTLED SHUTTING_DOWN FAULT STANDBY TEST RESERVED_10
  DCEvt bitfield32 =0 GROUND_FAULT INPUT_OVER_VOLTAGE RESERVED_2 DC_DISCONNECT RESERVED_4 CABINET_OPEN MANUAL_SHUTDOWN OVER_TEMP RESERVED_8 RESERVED_9 RESERVED_10 RESERVED_11 BLOWN_FUSE UNDER_TEMP MEMORY_LOSS ARC_DETECTION RESERVED_16 RESERVED_17 RESERVED_18 RESERVED_19 TEST_FAILED INPUT_UNDER_VOLTAGE INPUT_OVER_CURRENT
`;
