//! What an operation knows beside its input: the server, and who asks. Nothing of HTTP, so that workflows can call
//! operations in the same process.

use std::sync::{Arc, Mutex, PoisonError};

use selfsame_types::{CollectionId, Similarity, UserId};
use selfsame_vision::pool::Permit;
use selfsame_wire::ErrorCode;

use super::error::Error;
use super::token::Tokens;
use crate::access::{Caller, Scope};
use crate::app::{App, Ready};
use crate::gallery::Gallery;

/// One call of one operation.
pub(crate) struct Context {
    /// The server.
    pub(crate) app: Arc<App>,
    /// Who asks.
    pub(crate) caller: Caller,
    /// The region that the caller signed for.
    pub(crate) region: String,
    /// Where the caller reached this server, as far as it is known (`127.0.0.1:8080`).
    pub(crate) host: Option<String>,
    /// Whether the caller asked for what AWS has no names for.
    pub(crate) extras: bool,
    /// The right to use an inference thread, where it was taken before.
    permit: Mutex<Option<Permit>>,
}

/// What an operation does with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It looks.
    Read,
    /// It changes something.
    Write,
}

impl Context {
    /// For an operation that takes its permit by itself.
    pub(crate) const fn new(app: Arc<App>, caller: Caller, region: String, host: Option<String>) -> Self {
        Self {
            app,
            caller,
            region,
            host,
            extras: false,
            permit: Mutex::new(None),
        }
    }

    /// With what AWS has no names for, or without.
    pub(crate) const fn with_extras(mut self, extras: bool) -> Self {
        self.extras = extras;
        self
    }

    /// Takes the permit now, before work that would be for nothing without it.
    pub(super) fn reserve(&self) -> Result<(), Error> {
        let permit = self.permit()?;
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        Ok(())
    }

    /// The right to use an inference thread, or the news that there is none left.
    pub(super) fn permit(&self) -> Result<Permit, Error> {
        let reserved = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(permit) = reserved {
            return Ok(permit);
        }
        self.ready()?.engine.admit().map_err(|_| {
            self.app.metrics.throttled("inference");
            Error::throughput()
        })
    }

    /// Models and galleries.
    pub(super) fn ready(&self) -> Result<&Ready, Error> {
        self.app.ready().map_err(|_| Error::not_ready())
    }

    /// Makes and reads pagination tokens.
    pub(super) fn tokens(&self) -> Tokens {
        Tokens::new(&self.app.root)
    }

    /// The version of templates that are made now.
    pub(super) fn model_version(&self) -> Result<String, Error> {
        Ok(self.ready()?.engine.analyzer().version().as_str().to_owned())
    }

    /// The cosine behind a threshold that a client gives as a percentage.
    pub(super) fn min_cosine(&self, threshold: f32) -> Result<f32, Error> {
        // Everything is at least nothing: the scale itself ends where strangers are certain to match.
        if threshold <= 0.0 {
            return Ok(-1.0);
        }
        let calibration = self.ready()?.engine.analyzer().calibration();
        Ok(calibration.cosine(Similarity::new(threshold)))
    }

    /// The percentage behind a cosine.
    pub(super) fn similarity(&self, cosine: f32) -> Result<f32, Error> {
        let calibration = self.ready()?.engine.analyzer().calibration();
        Ok(calibration.similarity(cosine).value())
    }

    /// Refuses callers whose keys may not do this.
    pub(super) fn allow(&self, purpose: Purpose) -> Result<(), Error> {
        let scope = match purpose {
            Purpose::Read => Scope::GalleryRead,
            Purpose::Write => Scope::GalleryWrite,
        };
        if self.caller.may(scope) {
            return Ok(());
        }
        Err(denied(format!(
            "This access key may not do that: it needs the scope {scope}."
        )))
    }

    /// Refuses callers whose keys may not do this with the collection of this name, whether or not it exists.
    pub(super) fn allow_collection(&self, name: &str, purpose: Purpose) -> Result<(), Error> {
        self.allow(purpose)?;
        if !self.caller.may_collection(name) {
            return Err(denied(format!(
                "This access key is limited to other collections than {name}."
            )));
        }
        let portal = self.ready()?.galleries.portal_id();
        if purpose == Purpose::Write && name == portal.as_str() && !self.caller.may(Scope::Admin) {
            return Err(denied(format!(
                "The collection {name} belongs to the portal: only a key with the scope admin may change it here."
            )));
        }
        Ok(())
    }

    /// The name of a collection and the gallery behind it, for callers who may.
    pub(super) async fn gallery(
        &self,
        name: &str,
        purpose: Purpose,
    ) -> Result<(CollectionId, Arc<Gallery>), Error> {
        self.allow_collection(name, purpose)?;
        let id = collection_id(name)?;
        let gallery = self.ready()?.galleries.get(&id).await?;
        let gallery = gallery.ok_or_else(|| Error::no_collection(name))?;
        Ok((id, gallery))
    }
}

/// A name that passed the validation of the service model, which has the same rules.
pub(super) fn collection_id(name: &str) -> Result<CollectionId, Error> {
    CollectionId::new(name).map_err(|_| Error::invalid_parameters())
}

/// The same for users: AWS's rules are stricter than ours.
pub(super) fn user_id(name: &str) -> Result<UserId, Error> {
    UserId::new(name).map_err(|_| Error::invalid_parameters())
}

/// `AccessDeniedException`
pub(super) fn denied(message: String) -> Error {
    Error::new(ErrorCode::AccessDeniedException, message)
}
