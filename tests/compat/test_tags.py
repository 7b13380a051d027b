"""Tags of collections."""

import pytest

from conftest import unique

TAGS = {"équipe": "Zürich/Ost", "名前": "写真", "a:b=c@d+e_f.g-h": "", " ": "x"}


@pytest.fixture
def arn(rekognition, collection):
    return rekognition.describe_collection(CollectionId=collection)["CollectionARN"]


def test_tags_at_creation(rekognition):
    name = unique("tagged")
    rekognition.create_collection(CollectionId=name, Tags=TAGS)
    arn = rekognition.describe_collection(CollectionId=name)["CollectionARN"]
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS
    rekognition.delete_collection(CollectionId=name)


def test_tags_are_set_replaced_and_removed(rekognition, arn):
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}
    rekognition.tag_resource(ResourceArn=arn, Tags=TAGS)
    rekognition.tag_resource(ResourceArn=arn, Tags={"名前": "other", "new": "1"})
    expected = TAGS | {"名前": "other", "new": "1"}
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == expected

    rekognition.untag_resource(ResourceArn=arn, TagKeys=["new", " ", "never there"])
    expected = {name: value for name, value in expected.items() if name not in ("new", " ")}
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == expected


def test_nothing_to_do(rekognition, arn):
    rekognition.tag_resource(ResourceArn=arn, Tags={})
    rekognition.untag_resource(ResourceArn=arn, TagKeys=[])
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_two_hundred_and_no_more(rekognition, arn, refused):
    full = {f"key{number}": "v" * 256 for number in range(200)}
    rekognition.tag_resource(ResourceArn=arn, Tags=full)
    with refused("ServiceQuotaExceededException", status=400):
        rekognition.tag_resource(ResourceArn=arn, Tags={"key0": "changed", "one more": ""})
    # All or nothing.
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == full
    rekognition.tag_resource(ResourceArn=arn, Tags={"key0": "changed"})


@pytest.mark.parametrize(
    "tags",
    [
        {"aws:owner": "x"},
        {"k" * 129: "x"},
        {"k": "x" * 257},
        {"": "x"},
        {"bell\u0007": "x"},
        {"k": "emoji 🙂"},
        {f"key{number}": "" for number in range(201)},
    ],
    ids=["reserved", "long key", "long value", "empty key", "control", "symbol", "too many"],
)
def test_tags_that_break_the_rules(unchecked, arn, refused, tags):
    with refused("ValidationException", r"validation errors? detected: .*tags"):
        unchecked.tag_resource(ResourceArn=arn, Tags=tags)
    with refused("ValidationException", r"validation errors? detected: .*tags"):
        unchecked.create_collection(CollectionId=unique("bad"), Tags=tags)


def test_any_region_and_account_will_do(rekognition, collection):
    arn = f"arn:aws:rekognition:eu-central-1:123456789012:collection/{collection}"
    rekognition.tag_resource(ResourceArn=arn, Tags={"a": "b"})
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}


@pytest.mark.parametrize("operation", ["tag_resource", "untag_resource", "list_tags_for_resource"])
def test_resources_that_do_not_exist(rekognition, refused, operation):
    more = {"tag_resource": {"Tags": {"a": "b"}}, "untag_resource": {"TagKeys": ["a"]}}.get(operation, {})
    call = getattr(rekognition, operation)
    with refused("ResourceNotFoundException"):
        call(ResourceArn="arn:aws:rekognition:us-east-1:000000000000:collection/no-such-collection", **more)
    for arn in ("arn:aws:s3:::a-bucket-somewhere", "not an ARN, but long enough"):
        with refused("InvalidParameterException"):
            call(ResourceArn=arn, **more)
