//! The vendors' APIs in a box: deterministic organizations, faults on demand.
