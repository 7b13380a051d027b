"""The AWS CLI from a shell. Its lines are those of AWS's documentation, with other names and an endpoint."""

import json
import re

import pytest

from cli import CommandError, differences, example, run
from conftest import unique
from support.photos import OTHER, PERSON


@pytest.fixture(scope="module")
def aws(server, key):
    """Runs a line; `$ENDPOINT`, `$PHOTOS`… are variables of the shell."""

    def aws(line: str, **variables: str):
        values = server.variables(key)
        # As a new user: the endpoint is an option of every command, not a variable.
        endpoint = values.pop("AWS_ENDPOINT_URL")
        output = run(line, values | {"ENDPOINT": endpoint} | variables)
        return json.loads(output) if output.strip().startswith("{") else output

    return aws


@pytest.fixture(scope="module")
def folder(photos):
    return str(photos.directory)


@pytest.fixture(scope="module")
def bucket(aws, folder):
    """A bucket of photos, made with the CLI."""
    name = unique("my-bucket")
    aws(f"aws s3 mb s3://{name} --endpoint-url $ENDPOINT")
    aws(f'aws s3 cp "$PHOTOS/{PERSON[0]}" s3://{name}/MyFriend.jpg --endpoint-url $ENDPOINT', PHOTOS=folder)
    aws(f'aws s3 cp "$PHOTOS/{PERSON[1]}" s3://{name}/MyPicture.jpg --endpoint-url $ENDPOINT', PHOTOS=folder)
    aws(f'aws s3 cp "$PHOTOS/{OTHER}" s3://{name}/Other.jpg --endpoint-url $ENDPOINT', PHOTOS=folder)
    yield name
    aws(f"aws s3 rb s3://{name} --force --endpoint-url $ENDPOINT")


@pytest.fixture(scope="module")
def collection(aws):
    name = unique("MyCollection")
    answer = aws(
        rf"""
        aws rekognition create-collection \
            --collection-id "{name}" --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("create-collection"), answer) == []
    assert answer["StatusCode"] == 200
    assert re.fullmatch(rf"aws:rekognition:us-east-1:\d{{12}}:collection/{name}", answer["CollectionArn"])
    yield name
    answer = aws(f"aws rekognition delete-collection --collection-id {name} --endpoint-url $ENDPOINT")
    assert answer == {"StatusCode": 200}


@pytest.fixture(scope="module")
def indexed(aws, collection, bucket):
    answer = aws(
        rf"""
        aws rekognition index-faces \
            --image '{{"S3Object":{{"Bucket":"{bucket}","Name":"MyPicture.jpg"}}}}' \
            --collection-id {collection} \
            --max-faces 1 \
            --quality-filter "AUTO" \
            --detection-attributes "ALL" \
            --external-image-id "MyPicture.jpg" --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("index-faces"), answer) == []
    [record] = answer["FaceRecords"]
    assert record["Face"]["ExternalImageId"] == "MyPicture.jpg"
    return record["Face"]["FaceId"]


def test_search_faces_by_image(aws, collection, bucket, indexed):
    answer = aws(
        rf"""
        aws rekognition search-faces-by-image \
            --image '{{"S3Object":{{"Bucket":"{bucket}","Name":"MyFriend.jpg"}}}}' \
            --collection-id {collection} --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("search-faces-by-image"), answer) == []
    [match] = answer["FaceMatches"]
    assert match["Face"]["FaceId"] == indexed and match["Similarity"] > 90


def test_search_faces(aws, collection, bucket, indexed):
    more = aws(
        f"aws rekognition index-faces --image 'S3Object={{Bucket={bucket},Name=MyFriend.jpg}}' "
        f"--collection-id {collection} --external-image-id MyFriend.jpg --endpoint-url $ENDPOINT"
    )
    answer = aws(
        rf"""
        aws rekognition search-faces \
            --face-id {indexed} \
            --collection-id {collection} --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("search-faces"), answer) == []
    friend = more["FaceRecords"][0]["Face"]["FaceId"]
    assert [match["Face"]["FaceId"] for match in answer["FaceMatches"]] == [friend]
    aws(f"aws rekognition delete-faces --collection-id {collection} --face-ids {friend} --endpoint-url $ENDPOINT")


def test_compare_faces(aws, bucket):
    answer = aws(
        rf"""
        aws rekognition compare-faces \
            --source-image '{{"S3Object":{{"Bucket":"{bucket}","Name":"MyFriend.jpg"}}}}' \
            --target-image '{{"S3Object":{{"Bucket":"{bucket}","Name":"MyPicture.jpg"}}}}' --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("compare-faces"), answer) == []
    assert answer["UnmatchedFaces"] == [] and answer["FaceMatches"][0]["Similarity"] > 90


def test_detect_faces(aws, bucket):
    answer = aws(
        rf"""
        aws rekognition detect-faces \
            --image '{{"S3Object":{{"Bucket":"{bucket}","Name":"MyFriend.jpg"}}}}' \
            --attributes "ALL" --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("detect-faces"), answer) == []
    assert len(answer["FaceDetails"]) == 1


def test_images_from_files(aws, folder):
    answer = aws(
        f'aws rekognition detect-faces --image-bytes "fileb://$PHOTOS/{PERSON[0]}" --endpoint-url $ENDPOINT',
        PHOTOS=folder,
    )
    assert len(answer["FaceDetails"]) == 1
    answer = aws(
        rf"""
        aws rekognition compare-faces --similarity-threshold 90 \
            --source-image-bytes "fileb://$PHOTOS/{PERSON[0]}" \
            --target-image-bytes "fileb://$PHOTOS/{OTHER}" --endpoint-url $ENDPOINT
        """,
        PHOTOS=folder,
    )
    assert answer["FaceMatches"] == [] and len(answer["UnmatchedFaces"]) == 1


def test_lists_and_descriptions(aws, collection, indexed):
    for command, options in {
        "list-faces": f"--collection-id {collection}",
        "describe-collection": f"--collection-id {collection}",
        "list-collections": "",
    }.items():
        answer = aws(f"aws rekognition {command} {options} --endpoint-url $ENDPOINT")
        assert differences(example(command), answer) == [], command
    # The CLI asks for page after page on its own.
    answer = aws(
        f"aws rekognition list-faces --collection-id {collection} --page-size 1 --query 'length(Faces)' "
        "--endpoint-url $ENDPOINT"
    )
    assert int(answer) >= 1


def test_users(aws, collection, bucket, indexed):
    within = f"--collection-id {collection} --endpoint-url $ENDPOINT"
    aws(f"aws rekognition create-user --user-id ada {within}")
    aws(f"aws rekognition associate-faces --user-id ada --face-ids {indexed} {within}")
    answer = aws(
        f"aws rekognition search-users-by-image --image 'S3Object={{Bucket={bucket},Name=MyFriend.jpg}}' {within}"
    )
    assert answer["UserMatches"][0]["User"]["UserId"] == "ada"
    aws(f"aws rekognition disassociate-faces --user-id ada --face-ids {indexed} {within}")
    aws(f"aws rekognition delete-user --user-id ada {within}")
    assert aws(f"aws rekognition list-users {within}")["Users"] == []


def test_delete_faces(aws, collection, bucket, folder):
    answer = aws(
        f'aws rekognition index-faces --collection-id {collection} --image-bytes "fileb://$PHOTOS/{OTHER}" '
        "--endpoint-url $ENDPOINT",
        PHOTOS=folder,
    )
    face = answer["FaceRecords"][0]["Face"]["FaceId"]
    answer = aws(
        rf"""
        aws rekognition delete-faces \
            --collection-id {collection} \
            --face-ids '["{face}"]' --endpoint-url $ENDPOINT
        """
    )
    assert differences(example("delete-faces"), answer) == []
    assert answer["DeletedFaces"] == [face]


def test_objects(aws, bucket, tmp_path):
    listed = aws(f"aws s3 ls s3://{bucket} --endpoint-url $ENDPOINT")
    assert {line.split()[-1] for line in listed.splitlines()} == {"MyFriend.jpg", "MyPicture.jpg", "Other.jpg"}
    aws(f'aws s3 sync s3://{bucket} "$TARGET" --endpoint-url $ENDPOINT', TARGET=str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"MyFriend.jpg", "MyPicture.jpg", "Other.jpg"}
    large = tmp_path / "large"
    large.write_bytes(b"0123456789" * 2_000_000)
    aws(f'aws s3 cp "$FILE" s3://{bucket}/large --endpoint-url $ENDPOINT', FILE=str(large))
    back = tmp_path / "back"
    aws(f'aws s3 cp s3://{bucket}/large "$FILE" --endpoint-url $ENDPOINT', FILE=str(back))
    assert back.read_bytes() == large.read_bytes()
    head = aws(f"aws s3api head-object --bucket {bucket} --key large --endpoint-url $ENDPOINT")
    assert head["ContentLength"] == 20_000_000
    aws(f"aws s3 rm s3://{bucket}/large --endpoint-url $ENDPOINT")


def test_the_portals_address(aws):
    answer = aws("aws ssm get-parameter --name /riv/riv/userportal/url --endpoint-url $ENDPOINT")
    assert answer["Parameter"]["Value"].startswith("http")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("aws rekognition describe-collection --collection-id no-such-thing", "ResourceNotFoundException"),
        ("aws rekognition describe-collection --collection-id 'a b'", "ValidationException"),
        ("aws rekognition detect-labels --image 'S3Object={Bucket=bucket,Name=a}'", "UnknownOperationException"),
        ("AWS_SECRET_ACCESS_KEY=wrong aws rekognition list-collections", "InvalidSignatureException"),
        ("AWS_ACCESS_KEY_ID=SSAKAAAAAAAAAAAAAAAA aws rekognition list-collections", "UnrecognizedClientException"),
        ("AWS_SECRET_ACCESS_KEY=wrong aws s3api list-buckets", "SignatureDoesNotMatch"),
    ],
)
def test_errors(aws, line, code):
    with pytest.raises(CommandError) as caught:
        aws(f"{line} --endpoint-url $ENDPOINT")
    assert caught.value.code == code, caught.value
    # 255 in version 1, 254 in version 2.
    assert caught.value.status in (254, 255)
