//! The one door to vendors: attaches secrets, paces, retries, follows rate limits, redacts, refuses foreign hosts.
