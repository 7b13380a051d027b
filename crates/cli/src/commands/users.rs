//! `selfsame users`: show, check or erase users of a server.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use selfsame_types::UserId;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::arguments::{Global, ServerArguments};
use crate::client::{Answer, Client};
use crate::exit::{Exit, Failure};

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Print a user's properties and faces; ends with 1 where there is no such user.
    Show(User),
    /// Erase a user: faces, photos and properties; ends with 1 where there is no such user.
    Delete(User),
    /// Ask whether a user exists; ends with 1 where not.
    Check(User),
    /// Write the picture of a user's identity document, if it was kept, as a JPEG file; ends with 1 where there is none.
    Card(Card),
}

/// Whose card, and where to.
#[derive(Debug, Args)]
pub(crate) struct Card {
    #[command(flatten)]
    user: User,
    /// The file to write. It must not exist.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

/// Which user, at which server.
#[derive(Debug, Args)]
pub(crate) struct User {
    /// The user's id; case matters.
    #[arg(short, long, value_name = "ID")]
    user: UserId,
    #[command(flatten)]
    server: ServerArguments,
}

impl User {
    fn send(&self, method: &Method) -> Result<Answer> {
        let id = utf8_percent_encode(self.user.as_str(), NON_ALPHANUMERIC);
        Client::new(&self.server)?.send(method, &format!("/users/{id}"), None)
    }

    fn tell_missing(&self, global: &Global) -> Result<Exit> {
        let answer = json!({ "user_id": self.user.as_str(), "exists": false });
        global
            .format
            .emit(&answer, |out| writeln!(out, "no user {}", self.user))?;
        Ok(Exit::NoMatch)
    }
}

impl Users {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        match self {
            Self::Show(user) => show(&user, global),
            Self::Delete(user) => delete(&user, global),
            Self::Check(user) => check(&user, global),
            Self::Card(card) => show_card(&card, global),
        }
    }
}

fn show(user: &User, global: &Global) -> Result<Exit> {
    let answer = user.send(&Method::GET)?;
    if answer.status == 404 {
        return user.tell_missing(global);
    }
    // A user is a tree: indented JSON is the readable form, too.
    global
        .format
        .emit(&answer.body, |out| writeln!(out, "{:#}", answer.body))?;
    Ok(Exit::Success)
}

fn delete(user: &User, global: &Global) -> Result<Exit> {
    if user.send(&Method::DELETE)?.status == 404 {
        return user.tell_missing(global);
    }
    let answer = json!({ "user_id": user.user.as_str(), "erased": true });
    global
        .format
        .emit(&answer, |out| writeln!(out, "erased {}", user.user))?;
    Ok(Exit::Success)
}

fn show_card(card: &Card, global: &Global) -> Result<Exit> {
    let user = &card.user;
    let id = utf8_percent_encode(user.user.as_str(), NON_ALPHANUMERIC);
    let Some(picture) = Client::new(&user.server)?.file(&format!("/users/{id}/card"))? else {
        let answer = json!({ "user_id": user.user.as_str(), "card": Value::Null });
        global
            .format
            .emit(&answer, |out| writeln!(out, "no card of {} was kept", user.user))?;
        return Ok(Exit::NoMatch);
    };
    write_new(&card.out, &picture)?;
    let answer = json!({ "user_id": user.user.as_str(), "card": card.out });
    global
        .format
        .emit(&answer, |out| writeln!(out, "{}", card.out.display()))?;
    Ok(Exit::Success)
}

/// Writes a file that is not there yet, for its owner's eyes.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.write_all(bytes)?)
}

fn check(user: &User, global: &Global) -> Result<Exit> {
    let body = json!({ "UserId": user.user.as_str() });
    let answer = Client::new(&user.server)?.send(&Method::POST, "/check-userid", Some(&body))?;
    let exists = match answer.body.get("Reason").and_then(Value::as_str) {
        Some("User Exist") => true,
        Some("User not Exist") => false,
        _ => {
            return Err(Failure::new("the server's answer makes no sense")
                .hint("is this a Selfsame server?")
                .into());
        }
    };
    if !exists {
        return user.tell_missing(global);
    }
    let answer = json!({ "user_id": user.user.as_str(), "exists": true });
    global
        .format
        .emit(&answer, |out| writeln!(out, "user {} exists", user.user))?;
    Ok(Exit::Success)
}
