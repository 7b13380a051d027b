"""GetParameter: where the public sample's test client finds the portal."""

import urllib.request

import pytest


@pytest.fixture(scope="module")
def ssm(connect):
    return connect("ssm")


@pytest.mark.parametrize("stack", ["riv", "Riv-Prod", "x1"])
def test_the_portals_address(ssm, server, stack):
    name = f"/riv/{stack}/userportal/url"
    parameter = ssm.get_parameter(Name=name)["Parameter"]
    assert (parameter["Name"], parameter["Type"]) == (name, "String")
    with urllib.request.urlopen(f"{parameter['Value'].rstrip('/')}/health/ready", timeout=10) as answer:
        assert answer.status == 200


def test_the_number_of_partitions(ssm):
    parameter = ssm.get_parameter(Name="/riv/any/rekognition/partition-count")["Parameter"]
    assert parameter["Value"] == "1"


def test_any_valid_key_will_do(connect, server):
    ssm = connect("ssm", server.key("--scope", "portal"))
    assert ssm.get_parameter(Name="/riv/riv/userportal/url")["Parameter"]["Value"]


@pytest.mark.parametrize("name", ["/riv/riv/other", "/riv//userportal/url", "something", "/riv/a/b/userportal/url"])
def test_parameters_that_do_not_exist(ssm, refused, name):
    with refused("ParameterNotFound", "", 400):
        ssm.get_parameter(Name=name)


def test_other_operations(ssm, refused):
    with refused("UnknownOperationException", status=400):
        ssm.put_parameter(Name="a", Value="b", Type="String")
