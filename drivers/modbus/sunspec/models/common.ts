/** SunSpec models 1 to 19: what a device is, signed requests, communication interfaces. The grammar is in ../table.ts. */
export const COMMON_MODELS = `
model 1 common 66
Mn string/16 !
Md string/16 !
Opt string/8
Vr string/8
SN string/16 !
DA uint16 w
Pad pad

model 2 aggregator 14
AID uint16 !
N uint16 !
UN uint16 !
St enum16 ! =1 OFF ON FULL FAULT
StVnd enum16
Evt bitfield32 ! =0 GROUND_FAULT INPUT_OVER_VOLTAGE RESERVED_2 DC_DISCONNECT RESERVED_4 RESERVED_5 MANUAL_SHUTDOWN OVER_TEMPERATURE RESERVED_8 RESERVED_9 RESERVED_10 RESERVED_11 BLOWN_FUSE UNDER_TEMPERATURE MEMORY_LOSS ARC_DETECTION THEFT_DETECTION OUTPUT_OVER_CURRENT OUTPUT_OVER_VOLTAGE OUTPUT_UNDER_VOLTAGE TEST_FAILED
EvtVnd bitfield32
Ctl enum16 =0 NONE AUTOMATIC FORCE_OFF TEST THROTTLE
CtlVnd enum32
CtlVl enum32

model 3 secure_read_request 58
X uint16 w !
each 1..50
  Off# uint16 w !
Ts uint32 w !
Ms uint16 w !
Seq uint16 w !
Role uint16 w !
Alg enum16 ! =0 NONE AES-GMAC-64 ECC-256
N uint16 !
group repeating * 1
  DS uint16 !

model 4 secure_read_response 60
RqSeq uint16 !
Sts enum16 ! =0 SUCCESS DS ACL OFF
X uint16 !
each 1..50
  Val# uint16 !
Ts uint32 !
Ms uint16 !
Seq uint16 !
Alm enum16 ! =0 NONE ALM
Alg enum16 ! =0 NONE AES-GMAC-64 ECC-256
N uint16 !
group repeating * 1
  DS uint16 !

model 5 secure_write_request 88
X uint16 w !
each 1..40
  Off# uint16 w !
  Val# uint16 w !
Ts uint32 w !
Ms uint16 w !
Seq uint16 w !
Role uint16 w !
Alg enum16 w ! =0 NONE AES-GMAC-64 ECC-256
N uint16 w !
group repeating * 1
  DS uint16 w !

model 6 secure_write_sequential_request 90
X uint16 w !
Off uint16 w !
each 1..80
  Val# uint16 w !
Ts uint32 w !
Ms uint16 w !
Seq uint16 w !
Role uint16 w !
Rsrvd pad
Alg enum16 w ! =0 NONE AES-GMAC-64 ECC-256
N uint16 w !
group repeating * 1
  DS uint16 w !

model 7 secure_write_response 10
RqSeq uint16 !
Sts enum16 ! =0 SUCCESS DS ACL OFF VAL
Ts uint32 !
Ms uint16 !
Seq uint16 !
Alm enum16 ! =0 NONE ALM
Rsrvd pad
Alg enum16 ! =0 NONE AES-GMAC-64 ECC-256
N uint16 w !
group repeating * 1
  DS uint16 w !

model 8 get_device_certificate 2
Fmt enum16 ! =0 NONE X509_PEM X509_DER
N uint16 !
group repeating * 1
  Cert uint16 !

model 9 set_operator_certificate 92
CertUID uint16 w !
CertRole uint16 w !
Fmt enum16 w ! =0 NONE X509_PEM X509_DER
Typ enum16 w ! =0 DEV_KEY_PAIR DEV_SHARED_KEY OPERATOR_PUB OPERATOR_SHARED CA_PUB
TotLn uint16 w !
FrgLn uint16 w !
each 1..75
  Frg# uint16 w !
each 78..80
  Frg# uint16 w !
Ts uint32 w !
Ms uint16 w !
Seq uint16 w !
UID uint16 w !
Role uint16 w !
Alg enum16 w ! =0 NONE AES-GMAC-64 ECC-256
N uint16 w !
group repeating * 1
  Cert uint16 w !

model 10 communication_interface_header 4
St enum16 ! =0 DOWN UP FAULT
Ctl uint16 w
Typ enum16 =0 UNKNOWN INTERNAL TWISTED_PAIR FIBER WIRELESS
Pad pad

model 11 ethernet_link_layer 13
Spd uint16 [Mbps] !
CfgSt bitfield16 ! =0 LINK FULL_DUPLEX AUTO_NEG1 AUTO_NEG2 AUTO_NEG3 RESET_REQUIRED HW_FAULT
St enum16 ! =0 UNKNOWN ENABLED DISABLED TESTING
MAC eui48
Nam string/4 w
Ctl bitfield16 w =0 AUTO FULL_DUPLEX
FrcSpd uint16 [Mbps] w

model 12 ipv4 98
Nam string/4 w
CfgSt enum16 ! =0 NOT_CONFIGURED VALID_SETTING VALID_HW
ChgSt bitfield16 ! =0 PENDING
Cap bitfield16 ! =0 DHCP BOOTP ZEROCONF DNS CFG_SETTABLE HW_CONFIG NTP_CLIENT RESET_REQUIRED
Cfg enum16 w ! =0 STATIC DHCP BOOTP ZEROCONF
Ctl enum16 w ! =0 ENABLE_DNS ENABLE_NTP
Addr string/8 w !
Msk string/8 w !
Gw string/8 w
DNS1 string/8 w
DNS2 string/8 w
NTP1 string/12 w
NTP2 string/12 w
DomNam string/12 w
HostNam string/12 w
Pad pad

model 13 ipv6 174
Nam string/4 w
CfgSt enum16 ! =0 NOT_CONFIGURED VALID_SETTING VALID_HW
ChgSt bitfield16 ! =0 PENDING
Cap bitfield16 ! =0 DHCP BOOTP ZEROCONF DNS CFG_SETTABLE HW_CONFIG NTP_CLIENT RESET_REQUIRED
Cfg enum16 w ! =0 STATIC DHCP BOOTP ZEROCONF
Ctl enum16 w ! =0 ENABLE_DNS ENABLE_NTP
Addr string/20 w !
CIDR string/20 w
Gw string/20 w
DNS1 string/20 w
DNS2 string/20 w
NTP1 string/20 w
NTP2 string/20 w
DomNam string/12 w
HostNam string/12 w
Pad pad

model 14 proxy_server 52
Nam string/4 w
Cap bitfield16 w ! =0 NO_PROXY IPV4_PROXY IPV6_PROXY
Cfg enum16 w !
Typ bitfield16 w !
Addr string/20 w !
Port uint16 w !
User string/12 w
Pw string/12 w

model 15 interface_counters 24
Clr uint16 w
InCnt acc32
InUcCnt acc32
InNUcCnt acc32
InDscCnt acc32
InErrCnt acc32
InUnkCnt acc32
OutCnt acc32
OutUcCnt acc32
OutNUcCnt acc32
OutDscCnt acc32
OutErrCnt acc32
Pad pad

model 16 simple_ip_network 52
Nam string/4 w
Cfg enum16 ! =0 STATIC DHCP
Ctl bitfield16 w ! =0 ENABLE_DNS ENABLE_NTP
Addr string/8 w !
Msk string/8 w !
Gw string/8 w
DNS1 string/8 w
DNS2 string/8 w
MAC eui48
LnkCtl bitfield16 w =0 AUTONEGOTIATE FULL_DUPLEX FORCE_10MB FORCE_100MB FORCE_1GB
Pad pad

model 17 serial_interface 12
Nam string/4 w
Rte uint32 [bps] w !
Bits uint16 w !
Pty enum16 w ! =0 NONE ODD EVEN
Dup enum16 w =0 FULL HALF
Flw enum16 w =0 NONE HW XONXOFF
Typ enum16 =0 UNKNOWN RS232 RS485
Pcol enum16 =0 UNKNOWN MODBUS VENDOR

model 18 cellular_link 22
Nam string/4 w
IMEI uint32 w
APN string/4 w
Num string/6 w
Pin string/6 w

model 19 ppp_link 30
Nam string/4 w
Rte uint32 [bps] w !
Bits uint16 w !
Pty enum16 w ! =0 NONE ODD EVEN
Dup enum16 w =0 FULL HALF
Flw enum16 w =0 NONE HW XONXOFF
Auth enum16 =0 NONE PAP CHAP
UsrNam string/12
Pw string/6
Pad pad
`;
