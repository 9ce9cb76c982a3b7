//! Names become addresses here, and private addresses are dropped at that very moment. Checking a name beforehand and
//! connecting afterwards would let it answer twice, differently.

use crate::address::is_public;
use crate::allowance::Allowance;
use crate::surroundings::Lookup;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::SocketAddr;

/// The resolver of the one client.
pub(crate) struct Names {
    pub(crate) lookup: Lookup,
    pub(crate) allowance: Allowance,
}

/// A name whose addresses are all private.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` leads to a private address; name it in `allowed_private` if it is meant")]
pub(crate) struct LeadsInside(pub(crate) String);

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name {name} could not be looked up: {why}")]
pub(crate) struct Unknown {
    name: String,
    why: String,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let free = self.allowance.mentions(&name);
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let found =
                found.await.and_then(|all| if all.is_empty() { Err(io::Error::other("it has no address")) } else { Ok(all) });
            let found = found.map_err(|error| Unknown { name: name.clone(), why: error.to_string() })?;
            let open: Vec<SocketAddr> = found
                .into_iter()
                .filter(|&address| free || is_public(address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if open.is_empty() { Err(LeadsInside(name).into()) } else { Ok(Box::new(open.into_iter()) as Addrs) }
        })
    }
}
