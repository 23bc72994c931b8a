"""Prints what MIT Kerberos' library reads from files of krb5.conf.

The arguments are values of KRB5_CONFIG. Prints one JSON object: for each, null if the library refuses
it, else what it reads."""

import ctypes
import json
import os
import sys

library = ctypes.CDLL("libkrb5.so.3")
pointer = ctypes.c_void_p

REALMS = ["A.TEST", "B.TEST", "C.TEST", "A=B"]
HOSTS = [
    "a.test", "host.a.test", "b.test", "host.b.test", "example.test", "host.example.test", "HOST.Example.Test.",
    "other.example.test", "deep.host.example.test", "capital.example.test", "test", "10.1.2.3", "::1", "elsewhere",
]


class Data(ctypes.Structure):
    _fields_ = [("magic", ctypes.c_int), ("length", ctypes.c_uint), ("data", ctypes.c_char_p)]


class Server(ctypes.Structure):
    _fields_ = [
        ("hostname", ctypes.c_char_p), ("port", ctypes.c_int), ("transport", ctypes.c_int), ("uri", ctypes.c_char_p),
        ("family", ctypes.c_int), ("primary", ctypes.c_int), ("length", ctypes.c_size_t), ("address", ctypes.c_byte * 128),
    ]


class Servers(ctypes.Structure):
    _fields_ = [("servers", ctypes.POINTER(Server)), ("count", ctypes.c_size_t)]


def kdcs(context, profile, realm, primary):
    names = [b"primary_kdc", b"master_kdc"] if primary else [b"kdc"]
    if not any(text(profile, name, b"realms", realm.encode()) for name in names):
        # The library would ask the DNS.
        return []
    data = Data(0, len(realm), realm.encode())
    found = Servers()
    if library.k5_locate_kdc(context, ctypes.byref(data), ctypes.byref(found), primary, 0):
        return []
    return [[found.servers[i].hostname.decode(), found.servers[i].port] for i in range(found.count)]


def realm_of(context, host):
    realms = ctypes.POINTER(ctypes.c_char_p)()
    if library.krb5_get_host_realm(context, host.encode(), ctypes.byref(realms)):
        return None
    return realms[0].decode() or None


def permitted(context):
    etypes = ctypes.POINTER(ctypes.c_int)()
    if library.krb5_get_permitted_enctypes(context, ctypes.byref(etypes)):
        return []
    numbers = []
    while etypes[len(numbers)]:
        numbers.append(etypes[len(numbers)])
    # Those that wsman knows.
    return [number for number in numbers if number in (17, 18, 19, 20, 23)]


def text(profile, name, *section):
    value = ctypes.c_char_p()
    path = [*(section or [b"libdefaults"]), name, None]
    library.profile_get_string(profile, path[0], path[1], path[2], None, ctypes.byref(value))
    return value.value and value.value.decode()


def dns(profile):
    value = text(profile, b"dns_lookup_kdc") or text(profile, b"dns_fallback")
    return value is None or value.lower() in ("y", "yes", "true", "t", "1", "on")


def udp(profile):
    value = ctypes.c_int()
    library.profile_get_integer(profile, b"libdefaults", b"udp_preference_limit", None, 1465, ctypes.byref(value))
    return min(value.value if value.value >= 0 else 1465, 32700)


def read(files):
    os.environ["KRB5_CONFIG"] = files
    context = pointer()
    if library.krb5_init_context(ctypes.byref(context)):
        return None
    profile = pointer()
    library.krb5_get_profile(context, ctypes.byref(profile))
    found = {
        "default_realm": text(profile, b"default_realm"),
        "kdcs": {realm: kdcs(context, profile, realm, 0) for realm in REALMS},
        "primaries": {realm: kdcs(context, profile, realm, 1) for realm in REALMS},
        "hosts": {host: realm_of(context, host) for host in HOSTS},
        "dns_lookup_kdc": dns(profile),
        "udp_preference_limit": udp(profile),
        "permitted": permitted(context),
    }
    library.profile_release(profile)
    library.krb5_free_context(context)
    return found


print(json.dumps({files: read(files) for files in sys.argv[1:]}))
