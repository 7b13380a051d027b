//! What is generated, and which of it is served. To serve another operation, move its name to `served`.

/// One service.
pub(crate) struct Selection {
    /// The directory of its model.
    pub(crate) model: &'static str,
    /// The module of its types.
    pub(crate) module: &'static str,
    /// Its name in `wire::Service`.
    pub(crate) service: &'static str,
    /// Its name in documentation.
    pub(crate) title: &'static str,
    /// Files of their own: name, and the beginnings of the names of the structures that go there with all they hold.
    pub(crate) files: &'static [(&'static str, &'static [&'static str])],
    /// Operations that the server answers.
    pub(crate) served: &'static [&'static str],
    /// Operations that have types, but no implementation yet.
    pub(crate) modelled: &'static [&'static str],
    /// Shapes with another greatest length than the model's.
    pub(crate) lengths: &'static [(&'static str, u32)],
}

/// The greatest input, output or mocked result of a state machine: 24 MiB, as the interpreter has it. AWS has 256 KiB, which is
/// less than a photo: there, flows with photos need S3, and fail above 190 KB without it.
const MAX_PAYLOAD_BYTES: u32 = 24 << 20;

pub(crate) const SERVICES: &[Selection] = &[
    Selection {
        model: "rekognition",
        module: "rekognition",
        service: "Rekognition",
        title: "Amazon Rekognition",
        files: &[("face_detail.rs", &["FaceDetail"])],
        served: &[
            "AssociateFaces",
            "CompareFaces",
            "CreateCollection",
            "CreateUser",
            "DeleteCollection",
            "DeleteFaces",
            "DeleteUser",
            "DescribeCollection",
            "DetectFaces",
            "DisassociateFaces",
            "IndexFaces",
            "ListCollections",
            "ListFaces",
            "ListTagsForResource",
            "ListUsers",
            "SearchFaces",
            "SearchFacesByImage",
            "SearchUsers",
            "SearchUsersByImage",
            "TagResource",
            "UntagResource",
        ],
        modelled: &["CreateFaceLivenessSession", "GetFaceLivenessSessionResults"],
        lengths: &[],
    },
    Selection {
        model: "textract",
        module: "textract",
        service: "Textract",
        title: "Amazon Textract",
        files: &[],
        served: &["AnalyzeID"],
        modelled: &[],
        lengths: &[],
    },
    Selection {
        model: "stepfunctions",
        module: "states",
        service: "StepFunctions",
        title: "AWS Step Functions",
        files: &[
            ("history_task.rs", &["Activity", "LambdaFunction", "Task"]),
            ("history.rs", &["HistoryEvent"]),
        ],
        served: &[
            "CreateStateMachine",
            "DeleteStateMachine",
            "DescribeExecution",
            "DescribeStateMachine",
            "GetExecutionHistory",
            "ListExecutions",
            "ListStateMachines",
            "SendTaskFailure",
            "SendTaskHeartbeat",
            "SendTaskSuccess",
            "StartExecution",
            "StartSyncExecution",
            "StopExecution",
            "TestState",
            "UpdateStateMachine",
            "ValidateStateMachineDefinition",
        ],
        modelled: &[],
        lengths: &[("SensitiveData", MAX_PAYLOAD_BYTES)],
    },
    Selection {
        model: "ssm",
        module: "ssm",
        service: "Ssm",
        title: "AWS Systems Manager",
        files: &[],
        served: &["GetParameter"],
        modelled: &[],
        lengths: &[],
    },
];

/// Errors that any operation can answer with, beside those of the models.
pub(crate) const COMMON_ERRORS: &[&str] = &[
    "AccessDeniedException",
    "IncompleteSignatureException",
    "InternalServerError",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ProvisionedThroughputExceededException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "SerializationException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationException",
];

/// HTTP statuses other than 400.
pub(crate) const STATUSES: &[(&str, u16)] =
    &[("InternalServerError", 500), ("ServiceUnavailableException", 503)];

/// Values that AWS sends otherwise than its model has them: shape, the model's spelling, the recorded one. Clients compare with
/// what they get.
pub(crate) const AS_RECORDED: &[(&str, &str, &str)] = &[("ValueType", "DATE", "Date")];
