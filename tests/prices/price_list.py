"""A Price List that answers as the one of AWS does: over HTTP, filtered by attributes, in pages, products as text."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders

_ATTRIBUTES = {
    "availabilityzone": "NA",
    "capacitystatus": "Used",
    "clockSpeed": "2.5 GHz",
    "currentGeneration": "Yes",
    "ecu": "Variable",
    "instanceFamily": "General purpose",
    "instanceType": "t3.micro",
    "licenseModel": "No License required",
    "location": "Asia Pacific (Tokyo)",
    "locationType": "AWS Region",
    "marketoption": "OnDemand",
    "memory": "1 GiB",
    "normalizationSizeFactor": "0.5",
    "operatingSystem": "Linux",
    "operation": "RunInstances",
    "preInstalledSw": "NA",
    "regionCode": "ap-northeast-1",
    "servicecode": "AmazonEC2",
    "servicename": "Amazon Elastic Compute Cloud",
    "storage": "EBS only",
    "tenancy": "Shared",
    "usagetype": "APN1-BoxUsage:t3.micro",
    "vcpu": "2",
}


def product(sku: str, price: str, currency: str = "USD", **attributes: str) -> dict[str, Any]:
    """An entry of the list: what is sold, its on-demand term and a reserved one, all below codes of their own."""
    described = {**_ATTRIBUTES, **attributes}
    code, rate = f"{sku}.JRTCKXETXF", f"{sku}.JRTCKXETXF.6YS6EN2CT7"
    what = f"{described['operatingSystem']} {described['instanceType']}"
    on_demand = {
        "unit": "Hrs",
        "endRange": "Inf",
        "description": f"${price} per On Demand {what} Instance Hour",
        "appliesTo": [],
        "rateCode": rate,
        "beginRange": "0",
        "pricePerUnit": {currency: price},
    }
    reserved = {
        f"{sku}.38NPMPTW36.2TG2D8R56U": {
            **on_demand,
            "unit": "Quantity",
            "description": "Upfront Fee",
            "pricePerUnit": {currency: "41"},
        },
        f"{sku}.38NPMPTW36.6YS6EN2CT7": {**on_demand, "pricePerUnit": {currency: "0.0000000000"}},
    }
    term = {"sku": sku, "effectiveDate": "2026-11-01T00:00:00Z"}
    return {
        "product": {"productFamily": "Compute Instance", "attributes": described, "sku": sku},
        "serviceCode": "AmazonEC2",
        "terms": {
            "OnDemand": {
                code: {
                    **term,
                    "priceDimensions": {rate: on_demand},
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            },
            "Reserved": {
                f"{sku}.38NPMPTW36": {
                    **term,
                    "priceDimensions": reserved,
                    "offerTermCode": "38NPMPTW36",
                    "termAttributes": {
                        "LeaseContractLength": "1yr",
                        "OfferingClass": "standard",
                        "PurchaseOption": "All Upfront",
                    },
                }
            },
        },
        "version": "20261120152803",
        "publicationDate": "2026-11-20T15:28:03Z",
    }


TOKYO = [
    product(
        "ALLOCATED",
        "0.0000000000",
        capacitystatus="AllocatedCapacityReservation",
        usagetype="APN1-Reservation:t3.micro",
    ),
    product("WINDOWS", "0.0228000000", operatingSystem="Windows", operation="RunInstances:0002"),
    product("BYOL", "0.0011000000", operatingSystem="Windows", licenseModel="Bring your own license"),
    product("DEDICATED", "0.0012000000", tenancy="Dedicated", usagetype="APN1-DedicatedUsage:t3.micro"),
    product("SQL", "0.0814000000", preInstalledSw="SQL Web", operation="RunInstances:0200"),
    product("UNUSED", "0.0013000000", capacitystatus="UnusedCapacityReservation", usagetype="APN1-UnusedBox:t3.micro"),
    product("LOCALZONE", "0.0014000000", locationType="AWS Local Zone", location="Taiwan (Taipei)"),
    product("BLOCK", "0.0015000000", marketoption="CapacityBlock"),
    product("LINUX", "0.0136000000"),
    product(
        "OREGON",
        "0.0104000000",
        regionCode="us-west-2",
        location="US West (Oregon)",
        usagetype="USW2-BoxUsage:t3.micro",
    ),
]
"""A t3.micro in Tokyo as the list has it, in each way in which it is sold there."""


class PriceList:
    """What it sells. asked: the requests it got. down: it cannot be reached. page: products of a page."""

    def __init__(self, products: Sequence[dict[str, Any]], region: str = "ap-south-1") -> None:
        self.products, self.asked = list(products), list[dict[str, Any]]()
        self.down, self.page = False, 100
        self.client: Any = boto3.client(
            "pricing", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        self.client.meta.events.register("before-send.pricing.GetProducts", self._answer)

    def _answer(self, request: AWSRequest, **_: Any) -> AWSResponse:
        asked = json.loads(request.body)
        self.asked.append(asked)
        if self.down:
            return _response(
                request, 400, {"__type": "AccessDeniedException", "message": "is not authorized to perform"}
            )
        found = [each for each in self.products if self._matches(each, asked["Filters"])]
        begin = int(asked.get("NextToken", "0"))
        end = begin + min(self.page, asked["MaxResults"])
        # The list is an array of texts, each of which is JSON.
        told = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(each) for each in found[begin:end]]}
        return _response(request, 200, told | ({"NextToken": str(end)} if end < len(found) else {}))

    @staticmethod
    def _matches(found: dict[str, Any], filters: Sequence[dict[str, str]]) -> bool:
        attributes = found["product"]["attributes"]
        return all(each["Type"] == "TERM_MATCH" and attributes.get(each["Field"]) == each["Value"] for each in filters)


class _Body:
    """The body of an answer that has come whole."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        """It in one piece."""
        yield copy.copy(self._content)


def _response(request: AWSRequest, status: int, told: dict[str, Any]) -> AWSResponse:
    headers = HTTPHeaders()
    headers["Content-Type"] = "application/x-amz-json-1.1"
    return AWSResponse(str(request.url), status, headers, _Body(json.dumps(told).encode()))
