"""Runs pypsrp's WSMan as a client: reads orders and writes results, each as one line of JSON.

The first line gives the server and the login; `main.rs` writes it and all orders. This program parses
the XML that pypsrp returns, independently of the code under test.
"""

import datetime
import json
import re
import sys
import xml.etree.ElementTree as ET

import krb5
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan, WSManAction

SOAP = NAMESPACES["s"]
ADDRESSING = NAMESPACES["wsa"]
ENUMERATION = NAMESPACES["wsen"]
TRANSFER = NAMESPACES["wst"]
WSMAN = NAMESPACES["wsman"]
COMMON = NAMESPACES["cim"]
NIL = "{%s}nil" % NAMESPACES["xsi"]
# pypsrp uses another name for it than DSP0226 11.
IDENTIFY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
RELEASE = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release"


# Writing messages.


def selectors(order):
    keys = order.get("selectors")
    if not keys:
        return None
    chosen = SelectorSet()
    for name, value in keys.items():
        chosen.add_option(name, value)
    return chosen


def body(uri, name, properties):
    """Returns an instance or the arguments of a method: an element for each value, nil for None."""
    element = ET.Element("{%s}%s" % (uri, name))
    for name, values in properties:
        for value in values:
            child = ET.SubElement(element, "{%s}%s" % (uri, name))
            if value is None:
                child.set(NIL, "true")
            else:
                child.text = value
    return element


# Reading messages.


def local(element):
    return element.tag.rpartition("}")[2]


def instance(element):
    properties = {}
    for child in element:
        properties.setdefault(local(child), []).append(value(child))
    return {"class": local(element), "properties": properties}


def value(element):
    """Returns None, text, a reference, or an instance."""
    if element.get(NIL) in ("true", "1"):
        return None
    if not len(element):
        return datetime_of(element.text or "")
    if element.find("{%s}ReferenceParameters" % ADDRESSING) is not None:
        return reference(element)
    if element[0].tag.startswith("{%s}" % COMMON):
        return datetime_of(element[0].text)
    return instance(element)


def reference(element):
    parameters = element.find("{%s}ReferenceParameters" % ADDRESSING)
    uri = parameters.find("{%s}ResourceURI" % WSMAN).text
    named = {}
    for selector in parameters.iterfind("{%s}SelectorSet/{%s}Selector" % (WSMAN, WSMAN)):
        is_reference = len(selector) > 0
        named[selector.get("Name")] = reference(selector[0]) if is_reference else selector.text or ""
    return {"reference": uri.rpartition("/")[2], "selectors": named}


def datetime_of(text):
    """Converts an XML Schema time or duration to the CIM form; keeps other text. No string of the sample
    resembles one."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", text):
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        minutes = int(time.utcoffset().total_seconds() // 60)
        return time.strftime("%Y%m%d%H%M%S.%f") + "%+04d" % minutes
    duration = re.fullmatch(
        r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6}))?S)?)?", text
    )
    if duration and text[-1] not in "PT":
        days, hours, minutes, seconds = (int(part or 0) for part in duration.groups()[:4])
        fraction = (duration.group(5) or "").ljust(6, "0")
        return "%08d%02d%02d%02d.%s:000" % (days, hours, minutes, seconds, fraction)
    return text


# The orders.


def identify(client, order):
    """Sends an Identify written here through the transport of pypsrp, which has none."""
    envelope = ET.Element("{%s}Envelope" % SOAP)
    ET.SubElement(envelope, "{%s}Header" % SOAP)
    asked = ET.SubElement(envelope, "{%s}Body" % SOAP)
    ET.SubElement(asked, "{%s}Identify" % IDENTIFY)
    answer = ET.fromstring(client.transport.send(ET.tostring(envelope, encoding="utf-8")))
    answer = answer.find("{%s}Body" % SOAP)[0]
    return {local(child): child.text for child in answer}


def get(client, order):
    answer = client.get(order["uri"], selector_set=selectors(order))
    return instance(answer[0])


def put(client, order):
    resource = body(order["uri"], order["class"], order["properties"])
    answer = client.put(order["uri"], resource, selector_set=selectors(order))
    return instance(answer[0])


def create(client, order):
    resource = body(order["uri"], order["class"], order["properties"])
    answer = client.create(order["uri"], resource, selector_set=selectors(order))
    return reference(answer.find("{%s}ResourceCreated" % TRANSFER))


def delete(client, order):
    answer = client.delete(order["uri"], selector_set=selectors(order))
    return {"elements": len(answer)}


def invoke(client, order):
    method = order["method"]
    arguments = body(order["uri"], method + "_INPUT", order["properties"])
    action = "%s/%s" % (order["uri"], method)
    answer = client.invoke(action, order["uri"], arguments, selector_set=selectors(order))
    return instance(answer.find("{%s}Body" % SOAP)[0])


def enumerate_(client, order):
    """Returns all rows and the size of each page; or one page, followed by a Release."""
    start = ET.Element("{%s}Enumerate" % ENUMERATION)
    if order.get("optimize"):
        ET.SubElement(start, "{%s}OptimizeEnumeration" % WSMAN)
        ET.SubElement(start, "{%s}MaxElements" % WSMAN).text = str(order["page"])
    if "wql" in order:
        dialect = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
        ET.SubElement(start, "{%s}Filter" % WSMAN, Dialect=dialect).text = order["wql"]
    if "mode" in order:
        ET.SubElement(start, "{%s}EnumerationMode" % WSMAN).text = order["mode"]
    answer = client.enumerate(order["uri"], start, selector_set=selectors(order))[0]
    pages, rows = [], []
    while True:
        page = take_rows(answer)
        rows += page
        # The response to an Enumerate without optimization is not a page.
        if answer.find("{%s}Items" % ENUMERATION) is not None or page:
            pages.append(len(page))
        ended = any(
            answer.find("{%s}EndOfSequence" % namespace) is not None
            for namespace in (ENUMERATION, WSMAN)
        )
        if ended:
            return {"pages": pages, "rows": rows}
        context = answer.find("{%s}EnumerationContext" % ENUMERATION).text
        if order.get("release") and pages:
            end = ET.Element("{%s}Release" % ENUMERATION)
            ET.SubElement(end, "{%s}EnumerationContext" % ENUMERATION).text = context
            client.invoke(RELEASE, order["uri"], end, selector_set=selectors(order))
            return {"pages": pages, "rows": rows}
        pull = ET.Element("{%s}Pull" % ENUMERATION)
        ET.SubElement(pull, "{%s}EnumerationContext" % ENUMERATION).text = context
        ET.SubElement(pull, "{%s}MaxElements" % ENUMERATION).text = str(order["page"])
        answer = client.pull(order["uri"], pull, selector_set=selectors(order))[0]


def take_rows(answer):
    items = [answer.find("{%s}Items" % namespace) for namespace in (ENUMERATION, WSMAN)]
    rows = []
    for row in (row for item in items if item is not None for row in item):
        is_path = row.tag == "{%s}EndpointReference" % ADDRESSING
        rows.append(reference(row) if is_path else instance(row))
    return rows


ORDERS = {
    "identify": identify,
    "get": get,
    "put": put,
    "create": create,
    "delete": delete,
    "invoke": invoke,
    "enumerate": enumerate_,
}


def obey(client, order):
    try:
        return {"done": ORDERS[order["do"]](client, order)}
    except WSManFaultError as fault:
        return {
            "fault": {
                "code": fault.code,
                "reason": fault.reason,
                "provider": fault.provider,
                "provider_fault": fault.provider_fault,
            }
        }
    except (AuthenticationError, krb5.Krb5Error) as error:
        return {"refused": str(error)}


def main():
    server = json.loads(sys.stdin.readline())
    client = WSMan(
        server["host"],
        port=server["port"],
        path=server["path"],
        ssl=False,
        auth=server["auth"],
        encryption=server["encryption"],
        username=server["user"],
        password=server["password"],
        no_proxy=True,
        negotiate_service="HTTP",
    )
    with client:
        for line in sys.stdin:
            print(json.dumps(obey(client, json.loads(line))), flush=True)


main()
