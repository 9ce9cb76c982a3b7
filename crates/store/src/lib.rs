//! The only SQL: two engines, one text; migrations, the vault of sealed credentials, the job queue's tables.
