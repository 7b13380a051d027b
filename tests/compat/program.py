"""A door with a camera: who belongs to the house, and who is at the door?

An ordinary boto3 program. It knows nothing of Selfsame: `AWS_ENDPOINT_URL` and keys come from the environment, and without
the endpoint it would run on AWS, with a bucket name that is still free there.

    python program.py FOLDER

FOLDER holds one photo per file, `NAME.jpg` or `NAME-anything.jpg`; photos of the same NAME show the same person.
"""

import argparse
import collections
import json
import logging
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

log = logging.getLogger("door")

SIMILARITY = 90
PAGE = 2


@dataclass
class House:
    """A collection with the faces of those who live here, and a bucket with their photos."""

    name: str
    s3: object
    rekognition: object
    people: dict[str, list[str]] = field(default_factory=dict)

    # Set up and clean up.

    def build(self):
        answer = self.rekognition.create_collection(CollectionId=self.name, Tags={"purpose": "door", "owner": "Zoë"})
        log.info("collection %s with model %s", answer["CollectionArn"], answer["FaceModelVersion"])
        region = self.s3.meta.region_name
        if region == "us-east-1":
            self.s3.create_bucket(Bucket=self.name)
        else:
            self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": region})
        self.s3.get_waiter("bucket_exists").wait(Bucket=self.name)

    def tear_down(self):
        self.rekognition.delete_collection(CollectionId=self.name)
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        for page in pages:
            keys = [{"Key": found["Key"]} for found in page.get("Contents", [])]
            if keys:
                self.s3.delete_objects(Bucket=self.name, Delete={"Objects": keys, "Quiet": True})
        self.s3.delete_bucket(Bucket=self.name)
        self.s3.get_waiter("bucket_not_exists").wait(Bucket=self.name)

    def arn(self) -> str:
        return self.rekognition.describe_collection(CollectionId=self.name)["CollectionARN"]

    # Photos.

    def upload(self, folder: Path) -> dict[str, list[str]]:
        """Photos by person, as keys in the bucket."""
        by_person = collections.defaultdict(list)
        for path in sorted(folder.glob("*.jpg")):
            person = path.stem.split("-")[0]
            key = f"people/{person}/{path.name}"
            self.s3.upload_file(
                str(path), self.name, key, ExtraArgs={"ContentType": "image/jpeg", "Metadata": {"person": person}}
            )
            self.s3.get_waiter("object_exists").wait(Bucket=self.name, Key=key)
            self.s3.put_object_tagging(
                Bucket=self.name, Key=key, Tagging={"TagSet": [{"Key": "person", "Value": person}]}
            )
            by_person[person].append(key)
        return dict(by_person)

    def image(self, key: str) -> dict:
        return {"S3Object": {"Bucket": self.name, "Name": key}}

    # People.

    def quality(self, key: str) -> dict:
        """The largest face of a photo must be worth keeping."""
        details = self.rekognition.detect_faces(Image=self.image(key), Attributes=["DEFAULT"])["FaceDetails"]
        if not details:
            raise ValueError(f"{key}: nobody is in the picture")
        largest = details[0]
        if largest["Confidence"] < 90 or abs(largest["Pose"]["Yaw"]) > 45:
            raise ValueError(f"{key}: show your face")
        return largest

    def enrol(self, person: str, keys: list[str]):
        """A user with the faces of these photos."""
        self.rekognition.create_user(CollectionId=self.name, UserId=person, ClientRequestToken=str(uuid.uuid4()))
        faces = []
        for key in keys:
            self.quality(key)
            answer = self.rekognition.index_faces(
                CollectionId=self.name,
                Image=self.image(key),
                ExternalImageId=key.rsplit("/", 1)[1],
                MaxFaces=1,
                QualityFilter="AUTO",
                DetectionAttributes=["DEFAULT"],
            )
            for left_out in answer["UnindexedFaces"]:
                log.info("%s: a face was left out: %s", key, left_out["Reasons"])
            faces += [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
        answer = self.rekognition.associate_faces(CollectionId=self.name, UserId=person, FaceIds=faces)
        for refusal in answer.get("UnsuccessfulFaceAssociations", []):
            log.warning("%s: %s", refusal["FaceId"], refusal["Reasons"])
        self.people[person] = [face["FaceId"] for face in answer["AssociatedFaces"]]
        self.wait_until_active(person)

    def wait_until_active(self, person: str, attempts: int = 20):
        """Rekognition has no waiter for users."""
        for attempt in range(attempts):
            if self.users().get(person) in ("ACTIVE", "CREATED"):
                return
            time.sleep(min(2**attempt / 10, 5))
        raise TimeoutError(f"{person} does not become active")

    def users(self) -> dict[str, str]:
        pages = self.rekognition.get_paginator("list_users").paginate(
            CollectionId=self.name, PaginationConfig={"PageSize": PAGE}
        )
        return {user["UserId"]: user["UserStatus"] for page in pages for user in page["Users"]}

    def faces(self, **more) -> list[dict]:
        pages = self.rekognition.get_paginator("list_faces").paginate(
            CollectionId=self.name, PaginationConfig={"PageSize": PAGE}, **more
        )
        return [face for page in pages for face in page["Faces"]]

    # The door.

    def who_is(self, image: dict) -> tuple[str | None, float]:
        """The person in the picture, and how sure that is."""
        answer = self.rekognition.search_users_by_image(
            CollectionId=self.name, Image=image, UserMatchThreshold=SIMILARITY, MaxUsers=1
        )
        for match in answer["UserMatches"]:
            return match["User"]["UserId"], match["Similarity"]
        return None, 0.0

    def which_photo(self, image: dict) -> str | None:
        """The photo that looks most like the picture."""
        try:
            answer = self.rekognition.search_faces_by_image(
                CollectionId=self.name, Image=image, FaceMatchThreshold=SIMILARITY, MaxFaces=1
            )
        except self.rekognition.exceptions.InvalidParameterException:
            return None  # nobody in the picture
        for match in answer["FaceMatches"]:
            return match["Face"]["ExternalImageId"]
        return None

    def same(self, a: str, b: str) -> bool:
        answer = self.rekognition.compare_faces(
            SourceImage=self.image(a), TargetImage=self.image(b), SimilarityThreshold=SIMILARITY
        )
        return bool(answer["FaceMatches"])

    def forget(self, person: str):
        """The user, the faces and the photos."""
        faces = self.people.pop(person)
        answer = self.rekognition.disassociate_faces(CollectionId=self.name, UserId=person, FaceIds=faces)
        freed = [face["FaceId"] for face in answer["DisassociatedFaces"]]
        deleted = self.rekognition.delete_faces(CollectionId=self.name, FaceIds=freed)["DeletedFaces"]
        assert sorted(deleted) == sorted(faces), (deleted, faces)
        self.rekognition.delete_user(CollectionId=self.name, UserId=person)
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=f"people/{person}/")
        for page in pages:
            for found in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.name, Key=found["Key"])
                self.s3.get_waiter("object_not_exists").wait(Bucket=self.name, Key=found["Key"])


def collections_named(rekognition, name: str) -> int:
    pages = rekognition.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": PAGE})
    return sum(page["CollectionIds"].count(name) for page in pages)


def day(house: House, folder: Path) -> dict:
    """What happens at a door on one day; the report says how it went."""
    report = collections.Counter()
    by_person = house.upload(folder)
    report["photos"] = sum(map(len, by_person.values()))

    # All but the last photo of a person are for enrolment, if there are several.
    for person, keys in by_person.items():
        house.enrol(person, keys[:-1] or keys)
    report["users"] = len(house.users())
    report["faces"] = len(house.faces())
    for person, faces in house.people.items():
        assert {face["FaceId"] for face in house.faces(UserId=person)} == set(faces)

    # Everybody comes home, seen by the camera in the last photo.
    for person, keys in by_person.items():
        seen, similarity = house.who_is(house.image(keys[-1]))
        assert seen == person, f"{person} was taken for {seen}"
        log.info("%s comes home (%.1f)", person, similarity)
        assert house.which_photo(house.image(keys[-1])).startswith(person)
        report["welcome"] += 1

    # Photos of one person match, those of two do not.
    people = list(by_person)
    for person, keys in by_person.items():
        if len(keys) > 1:
            assert house.same(keys[0], keys[1])
            report["same"] += 1
    for a, b in zip(people, people[1:]):
        assert not house.same(by_person[a][0], by_person[b][0])
        report["different"] += 1

    # A face finds its neighbours; a user finds nobody who looks alike.
    first = house.people[people[0]][0]
    neighbours = house.rekognition.search_faces(CollectionId=house.name, FaceId=first, FaceMatchThreshold=SIMILARITY)
    report["neighbours"] = len(neighbours["FaceMatches"])
    twins = house.rekognition.search_users(CollectionId=house.name, UserId=people[0], UserMatchThreshold=SIMILARITY)
    report["twins"] = len(twins["UserMatches"])

    # Somebody moves out, and is a stranger from then on.
    leaving = people[-1]
    last = house.s3.get_object(Bucket=house.name, Key=by_person[leaving][-1])["Body"].read()
    house.forget(leaving)
    assert house.who_is({"Bytes": last}) == (None, 0.0)
    report["strangers"] = 1
    report["users left"] = len(house.users())
    return dict(report)


def mistakes(house: House) -> list[str]:
    """Errors arrive as the exceptions that programs catch."""
    caught, exceptions = [], house.rekognition.exceptions
    try:
        house.rekognition.create_collection(CollectionId=house.name)
    except exceptions.ResourceAlreadyExistsException as error:
        caught.append(error.response["Error"]["Code"])
    try:
        house.rekognition.describe_collection(CollectionId=f"{house.name}-of-somebody-else")
    except exceptions.ResourceNotFoundException as error:
        caught.append(error.response["Error"]["Code"])
    try:
        house.rekognition.detect_faces(Image=house.image("no/such/photo.jpg"))
    except exceptions.InvalidS3ObjectException as error:
        caught.append(error.response["Error"]["Code"])
    try:
        house.rekognition.detect_faces(Image={"Bytes": b"this is no picture"})
    except exceptions.InvalidImageFormatException as error:
        caught.append(error.response["Error"]["Code"])
    try:
        house.s3.get_object(Bucket=house.name, Key="no/such/photo.jpg")
    except house.s3.exceptions.NoSuchKey as error:
        caught.append(error.response["Error"]["Code"])
    return caught


def main() -> int:
    parser = argparse.ArgumentParser(description="Who is at the door?")
    parser.add_argument("folder", type=Path)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    folder = parser.parse_args().folder
    # The usual settings of a program that runs unattended.
    config = Config(retries={"mode": "standard", "total_max_attempts": 5})
    name = f"door-{uuid.uuid4().hex[:16]}"
    house = House(name, boto3.client("s3", config=config), boto3.client("rekognition", config=config))
    house.build()
    try:
        report = day(house, folder)
        report["mistakes"] = mistakes(house)
        tags = house.rekognition.list_tags_for_resource(ResourceArn=house.arn())["Tags"]
        report["tags"] = tags
        assert collections_named(house.rekognition, name) == 1
    finally:
        house.tear_down()
    assert collections_named(house.rekognition, name) == 0
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ClientError as error:
        sys.exit(f"error: {error}")
