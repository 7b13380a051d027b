"""One valid request per operation: what the tests of validation, and the mutations, start from."""

import base64

OPERATIONS = (
    "CreateCollection DeleteCollection DescribeCollection ListCollections DetectFaces CompareFaces IndexFaces SearchFaces "
    "SearchFacesByImage DeleteFaces ListFaces CreateUser DeleteUser ListUsers AssociateFaces DisassociateFaces SearchUsers "
    "SearchUsersByImage TagResource UntagResource ListTagsForResource"
).split()
FACE = "11111111-2222-3333-4444-555555555555"


def valid(collection: str, image: bytes, face: str = FACE, user: str = "somebody") -> dict[str, dict]:
    """By operation, as the JSON members that go on the wire."""
    picture = {"Bytes": base64.b64encode(image).decode()}
    arn = f"arn:aws:rekognition:us-east-1:000000000000:collection/{collection}"
    within, token = {"CollectionId": collection}, "a-token-of-the-client"
    return {
        "CreateCollection": within | {"Tags": {"équipe": "x"}},
        "DeleteCollection": within,
        "DescribeCollection": within,
        "ListCollections": {"MaxResults": 10},
        "DetectFaces": {"Image": picture, "Attributes": ["DEFAULT"]},
        "CompareFaces": {
            "SourceImage": picture,
            "TargetImage": picture,
            "SimilarityThreshold": 80,
            "QualityFilter": "NONE",
        },
        "IndexFaces": within
        | {
            "Image": picture,
            "ExternalImageId": "photo:1",
            "DetectionAttributes": ["SUNGLASSES"],
            "MaxFaces": 3,
            "QualityFilter": "AUTO",
        },
        "SearchFaces": within | {"FaceId": face, "MaxFaces": 5, "FaceMatchThreshold": 80.5},
        "SearchFacesByImage": within
        | {"Image": picture, "MaxFaces": 5, "FaceMatchThreshold": 0, "QualityFilter": "LOW"},
        "DeleteFaces": within | {"FaceIds": [FACE]},
        "ListFaces": within | {"MaxResults": 10, "FaceIds": [face]},
        "CreateUser": within | {"UserId": user, "ClientRequestToken": token},
        "DeleteUser": within | {"UserId": "nobody", "ClientRequestToken": token},
        "ListUsers": within | {"MaxResults": 10},
        "AssociateFaces": within
        | {"UserId": user, "FaceIds": [face], "UserMatchThreshold": 75, "ClientRequestToken": token},
        "DisassociateFaces": within | {"UserId": user, "FaceIds": [FACE], "ClientRequestToken": token},
        "SearchUsers": within | {"FaceId": face, "UserMatchThreshold": 80, "MaxUsers": 5},
        "SearchUsersByImage": within
        | {"Image": picture, "UserMatchThreshold": 0, "MaxUsers": 5, "QualityFilter": "NONE"},
        "TagResource": {"ResourceArn": arn, "Tags": {"a": "b"}},
        "UntagResource": {"ResourceArn": arn, "TagKeys": ["a"]},
        "ListTagsForResource": {"ResourceArn": arn},
    }
