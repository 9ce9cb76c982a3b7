//! Answers that several operations give, described once: `responses((status = 200, ...), Conflict)`.
//!
//! What follows from a route need not be named by its operation: `crate::openapi` adds what gate, parameters and body bring with
//! them (400, 401, 403, 413, 415, 422, 429, 500, 503), and 404 where the path has names.

use std::collections::BTreeMap;
use utoipa::IntoResponses;
use utoipa::openapi::{Ref, RefOr, Response};

/// Name, status and description of each.
pub(crate) const ANSWERS: &[(&str, &str, &str)] = &[
    ("BadRequest", "400", "A field, a parameter or the body is missing or wrong; `field` says which."),
    ("Unauthorized", "401", "Nobody is signed in: neither a valid API token nor a session came along."),
    ("Forbidden", "403", "The role or the token lacks the permission; `permission` says which."),
    ("NotFound", "404", "There is no such thing, or not in this organization."),
    ("Conflict", "409", "It contradicts what is there, such as a name that is taken; or the same request is under way."),
    ("TooLarge", "413", "The body is larger than 1 MiB."),
    ("UnsupportedMediaType", "415", "The body is not `application/json`."),
    ("OtherRequest", "422", "The idempotency key was used before for another request."),
    ("TooManyRequests", "429", "Too many requests from this address; `Retry-After` says when to try again."),
    ("Failed", "500", "Something failed on our side; the server's log has the details under `request_id`."),
    ("Unavailable", "503", "The database does not answer, or it took too long. Try again in a moment."),
];

macro_rules! named {
    ($($name:ident)+) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of [`ANSWERS`].")]
            pub(crate) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let known = ANSWERS.iter().filter(|(name, ..)| *name == stringify!($name));
                    known.map(|(name, status, _)| ((*status).to_owned(), RefOr::Ref(Ref::from_response_name(*name)))).collect()
                }
            }
        )+
    };
}

named!(NotFound Conflict Unavailable);
