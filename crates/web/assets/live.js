// Live progress of syncs, by server-sent events.
