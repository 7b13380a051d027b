//! From a request to an operation and back: who asks → body → is it they → is there room → what is asked → do it →
//! answer. Nothing else happens here.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use selfsame_wire::rekognition::OperationName as Rekognition;
use selfsame_wire::ssm::OperationName as Ssm;
use selfsame_wire::states::OperationName as States;
use selfsame_wire::textract::OperationName as Textract;
use selfsame_wire::{ErrorCode, Operation, Service, Target, rekognition, ssm, states, textract};
use uuid::Uuid;

use super::authorize::{Claim, claim};
use super::context::Context;
use super::error::Error;
use crate::app::App;
use crate::http::body::Received;

/// The header that names the operation.
pub(crate) const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// With the value `true`, the header that asks for what AWS has no names for. It need not be signed: it opens nothing that the
/// caller may not have.
const EXTRAS: HeaderName = HeaderName::from_static("x-selfsame-extra-fields");

/// Bodies from this size on are hashed and parsed on a thread that may block: it takes about a millisecond for every
/// 300 KB, and other requests must not wait for it.
const LARGE_BODY_BYTES: usize = 64 << 10;

/// An answered request, and what to log of it.
pub(crate) struct Answered {
    /// The whole response but for what every response has.
    pub(crate) response: Response,
    /// The error, if it is one.
    pub(crate) error: Option<Error>,
}

/// The operation that a request names, or why it names none.
pub(crate) fn target(parts: &Parts) -> Result<Target, Error> {
    if parts.method != Method::POST || parts.uri.path() != "/" {
        return Err(unknown_operation());
    }
    let value = parts.headers.get(TARGET).ok_or_else(unknown_operation)?;
    let text = value.to_str().map_err(|_| unknown_operation())?;
    Ok(Target::parse(text)?)
}

/// The service that a request names, for the form of the answer: that of Rekognition's if it names none.
pub(crate) fn service(parts: &Parts) -> Service {
    let target = parts.headers.get(TARGET).and_then(|value| value.to_str().ok());
    let prefix = target.and_then(|target| target.split('.').next());
    prefix
        .and_then(Service::from_target_prefix)
        .unwrap_or(Service::Rekognition)
}

fn unknown_operation() -> Error {
    Error::new(
        ErrorCode::UnknownOperationException,
        "The request names no operation: send it as POST / with the header X-Amz-Target.",
    )
}

/// Serves one request. `id` is what errors refer to.
pub(crate) async fn serve(app: &Arc<App>, target: Target, request: Request, id: Uuid) -> Answered {
    let service = target.service();
    match answer(app, target, request).await {
        Ok(body) => Answered {
            response: response(StatusCode::OK, service, body),
            error: None,
        },
        Err(error) => failed(error, service, id),
    }
}

/// An error as a response.
pub(crate) fn failed(error: Error, service: Service, id: Uuid) -> Answered {
    let status = StatusCode::from_u16(error.wire().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let id = id.to_string();
    // A body of four texts is always JSON.
    let body = serde_json::to_vec(&error.wire().body(&id)).unwrap_or_default();
    let mut response = response(status, service, body);
    if let Ok(name) = HeaderValue::from_str(error.code().as_str()) {
        response.headers_mut().insert("x-amzn-errortype", name);
    }
    Answered {
        response,
        error: Some(error),
    }
}

fn response(status: StatusCode, service: Service, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(service.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

async fn answer(app: &Arc<App>, target: Target, request: Request) -> Result<Vec<u8>, Error> {
    let (parts, body) = request.into_parts();
    let claim = claim(app, &parts, target.service()).await?;
    let received = app
        .bodies
        .receive_any(&parts.headers, body)
        .await
        .inspect_err(|error| {
            if error.code == crate::error::Code::Throttling {
                app.metrics.throttled("memory");
            }
        })?;
    let call = Call {
        app: Arc::clone(app),
        service: target.service(),
        parts,
        claim,
        received,
    };
    match target {
        Target::Rekognition(operation) => call.rekognition(operation).await,
        Target::StepFunctions(operation) => call.states(operation).await,
        Target::Ssm(operation) => call.ssm(operation).await,
        Target::Textract(operation) => call.textract(operation).await,
    }
}

/// A received request.
struct Call {
    app: Arc<App>,
    service: Service,
    parts: Parts,
    claim: Claim,
    received: Received,
}

/// Runs one operation: its input is decoded, its output written.
macro_rules! run {
    ($call:expr, $permit:expr, $service:ident::$operation:ident, $($module:ident)::+) => {{
        let (context, input) = $call.open::<$service::$operation>($permit).await?;
        let output = super::$($module)::+::run(&context, input).await?;
        written(&output)
    }};
}

impl Call {
    async fn rekognition(self, operation: Rekognition) -> Result<Vec<u8>, Error> {
        use Rekognition as Name;
        match operation {
            Name::AssociateFaces => run!(self, false, rekognition::AssociateFaces, associate_faces),
            Name::CompareFaces => run!(self, true, rekognition::CompareFaces, compare_faces),
            Name::CreateCollection => run!(self, false, rekognition::CreateCollection, create_collection),
            Name::CreateUser => run!(self, false, rekognition::CreateUser, create_user),
            Name::DeleteCollection => run!(self, false, rekognition::DeleteCollection, delete_collection),
            Name::DeleteFaces => run!(self, false, rekognition::DeleteFaces, delete_faces),
            Name::DeleteUser => run!(self, false, rekognition::DeleteUser, delete_user),
            Name::DescribeCollection => {
                run!(self, false, rekognition::DescribeCollection, describe_collection)
            }
            Name::DetectFaces => run!(self, true, rekognition::DetectFaces, detect_faces),
            Name::DisassociateFaces => run!(self, false, rekognition::DisassociateFaces, disassociate_faces),
            Name::IndexFaces => run!(self, true, rekognition::IndexFaces, index_faces),
            Name::ListCollections => run!(self, false, rekognition::ListCollections, list_collections),
            Name::ListFaces => run!(self, false, rekognition::ListFaces, list_faces),
            Name::ListTagsForResource => run!(
                self,
                false,
                rekognition::ListTagsForResource,
                list_tags_for_resource
            ),
            Name::ListUsers => run!(self, false, rekognition::ListUsers, list_users),
            Name::SearchFaces => run!(self, false, rekognition::SearchFaces, search_faces),
            Name::SearchFacesByImage => {
                run!(self, true, rekognition::SearchFacesByImage, search_faces_by_image)
            }
            Name::SearchUsers => run!(self, false, rekognition::SearchUsers, search_users),
            Name::SearchUsersByImage => {
                run!(self, true, rekognition::SearchUsersByImage, search_users_by_image)
            }
            Name::TagResource => run!(self, false, rekognition::TagResource, tag_resource),
            Name::UntagResource => run!(self, false, rekognition::UntagResource, untag_resource),
        }
    }

    async fn states(self, operation: States) -> Result<Vec<u8>, Error> {
        use States as Name;
        match operation {
            Name::CreateStateMachine => run!(
                self,
                false,
                states::CreateStateMachine,
                states::create_state_machine
            ),
            Name::DeleteStateMachine => run!(
                self,
                false,
                states::DeleteStateMachine,
                states::delete_state_machine
            ),
            Name::DescribeExecution => {
                run!(self, false, states::DescribeExecution, states::describe_execution)
            }
            Name::DescribeStateMachine => run!(
                self,
                false,
                states::DescribeStateMachine,
                states::describe_state_machine
            ),
            Name::GetExecutionHistory => run!(
                self,
                false,
                states::GetExecutionHistory,
                states::get_execution_history
            ),
            Name::ListExecutions => run!(self, false, states::ListExecutions, states::list_executions),
            Name::ListStateMachines => run!(
                self,
                false,
                states::ListStateMachines,
                states::list_state_machines
            ),
            Name::SendTaskFailure => run!(self, false, states::SendTaskFailure, states::send_task_failure),
            Name::SendTaskHeartbeat => run!(
                self,
                false,
                states::SendTaskHeartbeat,
                states::send_task_heartbeat
            ),
            Name::SendTaskSuccess => run!(self, false, states::SendTaskSuccess, states::send_task_success),
            Name::StartExecution => run!(self, false, states::StartExecution, states::start_execution),
            Name::StartSyncExecution => run!(
                self,
                false,
                states::StartSyncExecution,
                states::start_sync_execution
            ),
            Name::StopExecution => run!(self, false, states::StopExecution, states::stop_execution),
            Name::TestState => run!(self, false, states::TestState, states::test_state),
            Name::UpdateStateMachine => run!(
                self,
                false,
                states::UpdateStateMachine,
                states::update_state_machine
            ),
            Name::ValidateStateMachineDefinition => run!(
                self,
                false,
                states::ValidateStateMachineDefinition,
                states::validate_state_machine_definition
            ),
        }
    }

    async fn textract(self, operation: Textract) -> Result<Vec<u8>, Error> {
        match operation {
            Textract::AnalyzeID => run!(self, true, textract::AnalyzeID, analyze_id),
        }
    }

    async fn ssm(self, operation: Ssm) -> Result<Vec<u8>, Error> {
        match operation {
            Ssm::GetParameter => run!(self, false, ssm::GetParameter, get_parameter),
        }
    }

    /// Proves the caller, makes sure of a permit where one is needed, and decodes the input, in this order: what is
    /// refused for lack of capacity must cost next to nothing.
    async fn open<O: Operation>(self, permit: bool) -> Result<(Context, O::Input), Error>
    where
        O::Input: Send + 'static,
    {
        if self.received.bytes.len() < LARGE_BODY_BYTES {
            return self.open_now::<O>(permit);
        }
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| self.open_now::<O>(permit)))
            .await
            .map_err(Error::internal)?
    }

    fn open_now<O: Operation>(self, permit: bool) -> Result<(Context, O::Input), Error> {
        self.claim
            .prove(&self.app, &self.parts, &self.received.bytes, self.service)?;
        let host = self.parts.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).map(str::to_owned);
        let extras = self
            .parts
            .headers
            .get(EXTRAS)
            .is_some_and(|value| value == "true");
        let context = Context::new(self.app, self.claim.caller, self.claim.region, host).with_extras(extras);
        if permit {
            context.reserve()?;
        }
        let input = selfsame_wire::decode::<O>(&self.received.bytes)?;
        Ok((context, input))
    }
}

fn written(output: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(output).map_err(Error::internal)
}
