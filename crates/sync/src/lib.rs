//! When to ask and what to keep: plan, fetch, archive, replace slice, roll up; jobs and schedule.
