//! Pages and REST; the only HTML. It makes no vendor calls: it enqueues.
