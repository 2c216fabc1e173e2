"""Serves register images by pymodbus: pymodbus-server.py [--udp | --rtu PORT | --ascii PORT] IMAGE.json[@UNIT] ...

An image is JSON: {"unitId": 1, "table": "input" | "holding", "image": {"ADDRESS": VALUE}}; addresses that it leaves
out are refused (exception 2). Listens on a free port of the loopback and prints it, or answers on a serial port and
prints 0; ends with its standard input.
"""

import asyncio
import json
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.framer.ascii_framer import ModbusAsciiFramer
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer, ModbusUdpServer

IDENTITY = {
    0: "Pymodbus",
    1: "PM",
    2: "3.0",
    3: "https://example.org/",
    4: "Server",
    5: "Server of images",
}

SERIAL = {"--rtu": ModbusRtuFramer, "--ascii": ModbusAsciiFramer}


def block(registers):
    # A block must not be empty: what is beyond 65535 cannot be asked for.
    return ModbusSparseDataBlock({65536: 0, **registers})


def unit(argument):
    path, _, number = argument.partition("@")
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    registers = {int(address): value for address, value in content["image"].items()}
    input_table = content.get("table", "holding") == "input"
    slave = ModbusSlaveContext(
        di=block({}),
        co=block({}),
        ir=block(registers if input_table else {}),
        hr=block({} if input_table else registers),
        zero_mode=True,
    )
    return int(number or content.get("unitId", 1)), slave


async def start(context, way, port):
    """The task that serves, and the number of its network port."""
    identity = ModbusDeviceIdentification(info=IDENTITY)
    if way in SERIAL:
        line = ModbusSerialServer(context, framer=SERIAL[way], identity=identity, port=port, baudrate=115200)
        await line.start()
        return asyncio.ensure_future(line.serve_forever()), 0
    if way == "--udp":
        datagrams = ModbusUdpServer(context, identity=identity, address=("127.0.0.1", 0))
        serving = asyncio.ensure_future(datagrams.serve_forever())
        await datagrams.serving
        return serving, datagrams.protocol.get_extra_info("sockname")[1]
    server = ModbusTcpServer(context, identity=identity, address=("127.0.0.1", 0))
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    return serving, server.server.sockets[0].getsockname()[1]


async def main():
    words = sys.argv[1:]
    way = words.pop(0) if words[0].startswith("--") else "--tcp"
    port = words.pop(0) if way in SERIAL else None
    context = ModbusServerContext(slaves=dict(map(unit, words)), single=False)
    serving, number = await start(context, way, port)
    print(number, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


asyncio.run(main())
