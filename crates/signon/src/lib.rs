//! Speaks to whoever vouches for people: OAuth 2 with GitHub, OpenID Connect with a company's provider, the device flow.
