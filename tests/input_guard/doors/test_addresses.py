import socket

import pytest

from bulwark_runtime.input_guard.doors import addresses

NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 an address to refuse
    "10.0.0.8",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    # IPv4 in other clothes.
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]
PUBLIC = ["8.8.8.8", "52.94.76.1", "2606:4700:4700::1111", "2a00:1450:4001:82f::200e"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_public_internet_is_not_called(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(address):
    assert addresses.is_public(address)


PRIVATE = ["10.0.0.8", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_private_network_is_private(address):
    assert addresses.is_private(address)


@pytest.mark.parametrize("address", [a for a in [*NOT_PUBLIC, *PUBLIC] if a not in PRIVATE])
def test_what_only_a_machine_itself_reaches_is_not(address):
    assert not addresses.is_private(address)


def test_one_address_that_is_not_public_forbids_all_of_a_name():
    with pytest.raises(addresses.ForbiddenAddressError):
        addresses.allowed(
            "pay.example.com", 443, lambda *_: ["8.8.8.8", "10.0.0.8"], addresses.is_public
        )


def test_a_name_without_an_address_is_forbidden_too():
    with pytest.raises(addresses.ForbiddenAddressError):
        addresses.allowed("pay.example.com", 443, lambda *_: [], addresses.is_public)


def test_the_error_names_neither_the_host_nor_the_address():
    with pytest.raises(addresses.ForbiddenAddressError) as error:
        addresses.allowed("pay.example.com", 443, lambda *_: ["10.0.0.8"], addresses.is_public)

    assert str(error.value) == ""


def test_a_name_is_resolved_to_each_of_its_addresses_once(monkeypatch):
    def getaddrinfo(host, port, **more):
        assert (host, port, more) == ("pay.example.com", 443, {"type": socket.SOCK_STREAM})
        four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))
        six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::1", 443, 0, 0))
        return [four, six, four]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    assert addresses.resolve("pay.example.com", 443) == ["8.8.8.8", "2606:4700::1"]
