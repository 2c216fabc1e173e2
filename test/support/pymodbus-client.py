"""Asks one device by pymodbus, and prints what came of it as one line of JSON.

pymodbus-client.py TRANSPORT PLACE UNIT QUESTION...   e.g.  rtu /tmp/bus 3 holding:10:2 write:10:42 identity
TRANSPORT is tcp, udp, rtu-over-tcp or ascii-over-tcp (PLACE is a port of 127.0.0.1), rtu or ascii (PLACE is a path).
"""
import json
import logging
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient, ModbusUdpClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

logging.disable(logging.CRITICAL)
transport, place, unit, *questions = sys.argv[1:]
to = {"slave": int(unit)}
request_to = {"unit": int(unit)}  # what requests that the client only passes on call the same

FRAMERS = {
    "tcp": ModbusSocketFramer,
    "udp": ModbusSocketFramer,
    "rtu-over-tcp": ModbusRtuFramer,
    "ascii-over-tcp": ModbusAsciiFramer,
    "rtu": ModbusRtuFramer,
    "ascii": ModbusAsciiFramer,
}


def make_client():
    options = {"framer": FRAMERS[transport], "timeout": 3, "retries": 0}  # one second is not enough for a loaded machine
    if transport in ("rtu", "ascii"):
        return ModbusSerialClient(place, baudrate=19200, **options)
    kind = ModbusUdpClient if transport == "udp" else ModbusTcpClient
    return kind("127.0.0.1", port=int(place), **options)


client = make_client()

ASK = {
    "holding": lambda address, count: (client.read_holding_registers(address, count, **to), "registers"),
    "coil": lambda address, count: (client.read_coils(address, count, **to), "bits"),
    "write": lambda address, value: (client.write_register(address, value, **to), "value"),
    "write-many": lambda address, *values: (client.write_registers(address, list(values), **to), "count"),
    "write-coil": lambda address, value: (client.write_coil(address, value == 1, **to), "value"),
    "write-coils": lambda address, *values: (client.write_coils(address, [v == 1 for v in values], **to), "count"),
    "mask": lambda address, keep, put: (client.mask_write_register(address, keep, put, **request_to), "or_mask"),
    "identity": lambda: (client.execute(ReadDeviceInformationRequest(read_code=1, **request_to)), "information"),
}


def plain(value):
    return {key: text.decode() for key, text in value.items()} if isinstance(value, dict) else value


def answer(question):
    what, *numbers = question.split(":")
    try:
        response, attribute = ASK[what](*[int(number) for number in numbers])
    except Exception as error:  # how a client takes a fault is for the test to judge
        return f"{type(error).__name__}"
    if hasattr(response, "exception_code"):
        return f"exception {response.exception_code}"
    return plain(getattr(response, attribute)) if hasattr(response, attribute) else "no answer"


client.connect()
answers = [answer(question) for question in questions]
client.close()
print(json.dumps(answers))
