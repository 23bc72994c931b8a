"""Runs pypsrp as a client of the bench: does the work that the arguments name, and reads no value.

Arguments: URL, user, password, work (put, rows or rows-with-paths), count.
"""

import sys
import urllib.parse
import xml.etree.ElementTree as ET

from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

ENUMERATION = NAMESPACES["wsen"]
WSMAN = NAMESPACES["wsman"]
CLASS = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Peer_Item"
ITEM = {
    "Name": "item-100007",
    "Caption": "Item 100007",
    "Description": "Counts what item 100007 has done",
    "Enabled": "true",
    "Count": "100007",
    "Size": "1099511627776",
    "Ratio": "0.25",
    "State": "5",
    "Status": "OK",
    "Changed": "2026-11-28T11:30:00Z",
}


def put(client, count):
    """Sends an instance that is prepared once, under a selector that is, too."""
    selectors = SelectorSet()
    selectors.add_option("Name", ITEM["Name"])
    item = ET.Element("{%s}Peer_Item" % CLASS)
    for name, value in ITEM.items():
        ET.SubElement(item, "{%s}%s" % (CLASS, name)).text = value
    for _ in range(count):
        client.put(CLASS, item, selector_set=selectors)


def rows(client, count, mode=None):
    """Pulls all pages and counts their rows."""
    start = ET.Element("{%s}Enumerate" % ENUMERATION)
    if mode:
        ET.SubElement(start, "{%s}EnumerationMode" % WSMAN).text = mode
    answer = client.enumerate(CLASS, start)[0]
    read = 0
    while read < count:
        context = answer.find("{%s}EnumerationContext" % ENUMERATION).text
        pull = ET.Element("{%s}Pull" % ENUMERATION)
        ET.SubElement(pull, "{%s}EnumerationContext" % ENUMERATION).text = context
        ET.SubElement(pull, "{%s}MaxElements" % ENUMERATION).text = "1000"
        answer = client.pull(CLASS, pull)[0]
        read += len(answer.find("{%s}Items" % ENUMERATION))


def main():
    url, user, password, work, count = sys.argv[1:]
    server = urllib.parse.urlsplit(url)
    client = WSMan(
        server.hostname,
        port=server.port,
        path=server.path.strip("/"),
        ssl=False,
        auth="basic",
        encryption="never",
        username=user,
        password=password,
        no_proxy=True,
    )
    count = int(count)
    with client:
        if count == 0:
            return
        if work == "put":
            put(client, count)
        elif work == "rows":
            rows(client, count)
        else:
            rows(client, count, "EnumerateObjectAndEPR")


main()
